# ---
# jupyter:
#   course:
#     title:
#       fr: "Rappel : un réseau de convolutions, à l'aller et au retour"
#       en: "Recap: a convolutional network, forward and back"
#     minutes: 60
#     before: [00_start]
#     part: begin
#     level: 2
#     slides:
#       fr: "rappel : convolution, ReLU, pooling, passe avant et passe arrière"
#       en: "recap: convolution, ReLU, pooling, forward and backward pass"
# ---

# %% [markdown] tags=["fr"]
# Un réseau de convolutions paraît compliqué parce qu'il est grand. En voici un assez petit pour tenir sur l'écran : vingt-cinq pixels, un filtre, une ReLU, un pooling, un score. Vous allez pouvoir en changer chaque nombre, et suivre chaque nombre jusqu'à sa source.
#
# À la fin de ce notebook, vous aurez écrit ses quatre couches, à l'aller et au retour, et obtenu la même dérivée que la bibliothèque, nombre pour nombre. Toutes les méthodes fondées sur le gradient en découlent.

# %% [markdown] tags=["en"]
# A convolutional network looks complicated because it is large. Here is one small enough to fit on the screen: twenty-five pixels, a filter, a ReLU, a pooling, a score. You will be able to change each of its numbers, and to follow each number to its source.
#
# By the end of this notebook you will have written its four layers, forward and back, and found the same derivative as the library, number for number. All methods that rest on the gradient follow from it.

# %% [markdown] tags=["fr"]
# ## La passe avant
#
# Les diapositives le disent en quatre lignes : des **convolutions**, suivies d'une **fonction d'activation** qui ajoute de la non-linéarité, puis d'un **pooling** qui réduit la taille, et à la fin un vecteur que l'on donne à une couche de **classification**. La matrice `a` ci-dessous est la *feature map* de la diapositive.
#
# Cliquez sur une case pour voir de quoi elle est faite, et écrivez par-dessus un nombre pour le changer.
#
# 1. D'où vient le 9, en haut à gauche de z ? Faites la somme de tête, puis vérifiez.
# 2. **Pariez** : si vous ajoutez 1 à tous les pixels de l'image, qu'arrive-t-il à z ? Essayez avec une ligne. Quelle est la somme du filtre ?
# 3. Changez un seul pixel du milieu. Combien de z bougent ? Et combien de p ?
# 4. Trouvez un pixel que l'on peut changer un peu sans que le score bouge du tout.

# %% [markdown] tags=["en"]
# ## The forward pass
#
# The slides say it in four lines: **convolutions**, followed by an **activation function** that makes the whole non-linear, then by **pooling** that makes it smaller, and at the end a vector that is given to a layer of **classification**. The matrix `a` below is the slide's feature map.
#
# Click on a cell to see what it is made of, and type over a number to change it.
#
# 1. Where does the 9 come from, at the upper left of z? Add it up in your head, then check.
# 2. **Place your bet**: if you add 1 to all pixels of the picture, what becomes of z? Try it with one row. What is the sum of the filter?
# 3. Change one pixel in the middle. How many z move? And how many p?
# 4. Find a pixel that can be changed a little without moving the score at all.

# %%
import numpy as np

from xai_widgets import BackwardStepper, ConvolutionLab
from xai_widgets.course import Table, claim, exercise, say
from xai_widgets.methods import saliency

lab = ConvolutionLab(backward=False)
lab

# %% [markdown] tags=["fr"]
# ### Exercice 1 : la convolution
#
# Écrivez ce qui mène de `x` et du filtre à `z`, pour des tailles quelconques, sans bord ajouté : à chaque endroit où le filtre tient tout entier dans l'image, la somme des produits. (Les mathématiciens retournent d'abord le filtre ; les réseaux ne le font pas, et gardent le mot.)

# %% [markdown] tags=["en"]
# ### Exercise 1: the convolution
#
# Write what leads from `x` and the filter to `z`, for any sizes, without added borders: at each place where the whole filter fits into the picture, the sum of the products. (Mathematicians turn the filter round first; networks do not, and keep the word.)


# %% exercise="02.conv2d"
def my_conv2d(picture, kernel):
    ### BEGIN SOLUTION
    height, width = kernel.shape
    rows, columns = picture.shape[0] - height + 1, picture.shape[1] - width + 1
    z = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            # fr: Le morceau d'image sous le filtre, produit par produit.
            # en: The piece of the picture under the filter, product by product.
            z[i, j] = np.sum(picture[i : i + height, j : j + width] * kernel)
    return z
    ### END SOLUTION


# %% check="02.conv2d" points=3
exercise("02.conv2d").check(my_conv2d)

# %% [markdown] tags=["fr"]
# ## La dérivée d'une ReLU, et le point zéro
#
# La diapositive le rappelle : $g(z) = \max(0, z)$ n'a pas de dérivée en 0. À gauche la pente vaut 0, à droite elle vaut 1. Mesurons les deux, puis demandons à la bibliothèque ce qu'elle répond en ce point précis.

# %% [markdown] tags=["en"]
# ## The derivative of a ReLU, and the point zero
#
# The slide reminds us: $g(z) = \max(0, z)$ has no derivative at 0. On the left the slope is 0, on the right it is 1. Let us measure both, then ask the library what it answers at that very point.

# %%
import keras

start = keras.Input((1,))
relu = keras.Model(start, keras.layers.ReLU()(start))


def slope_of_relu(z):
    return float(saliency(relu, np.array([[z]], "float32"), 0).values[0, 0])


step = 0.01
left, right = max(0, -step) / step, max(0, step) / step
say("02.zero", left=left, right=right, library=slope_of_relu(0.0))

# %% [markdown] tags=["fr"]
# Il fallait choisir, et la bibliothèque, comme la plupart, choisit 0. Ce choix compte peu tant que peu d'entrées valent exactement 0.
#
# ## La rétropropagation
#
# La dérivée du score se calcule de la fin vers le début. Chaque couche reçoit un signal, « de combien le score bouge si ma sortie bouge », et le rend à ses entrées. Cochez la passe arrière dans le labo, ou exécutez ceci et regardez-le de nouveau :

# %% [markdown] tags=["en"]
# One had to choose, and the library, like most, chooses 0. The choice matters little as long as few inputs are exactly 0.
#
# ## The backward pass
#
# The derivative of the score is computed from the end to the beginning. Each layer receives a signal, “by how much the score moves if my output moves”, and hands it to its inputs. Tick the backward pass in the lab, or run this and look at it again:

# %%
lab.backward = True
Table(
    {
        "02.table.layer": ["02.pool", "02.relu", "02.conv"],
        "02.table.arrives": [int((lab.flow.back[place] != 0).sum()) for place in ("p", "a", "z")],
        "02.table.leaves": [int((lab.flow.back[place] != 0).sum()) for place in ("a", "z", "x")],
    },
    ["", "", ""],
)

# %% [markdown] tags=["fr"]
# Quatre signaux entrent dans le pooling, quatre en sortent, chacun à la place du maximum : ce sont les **aiguillages** (*switches*) de Zeiler et Fergus (2013). La ReLU arrêterait ceux des unités éteintes ; ici, aucun, car une unité éteinte n'est le maximum que si toute sa fenêtre l'est. La convolution les répartit sur tous les pixels dont les z dépendent.
#
# ### Exercice 2 : la rétropropagation d'une ReLU
#
# `z` est l'entrée de la passe avant, `signal` la dérivée qui arrive par la rétropropagation, de même forme.

# %% [markdown] tags=["en"]
# Four signals enter the pooling, four leave it, each at the place of the maximum: these are the **switches** of Zeiler and Fergus (2013). The ReLU would stop those of units that are off; here there are none, since a unit that is off is the maximum only where its whole window is off. The convolution distributes them over all the pixels on which the z depend.
#
# ### Exercise 2: the backward pass of a ReLU
#
# `z` is the input of the forward pass, `signal` the derivative that comes in the backward pass, of the same shape.


# %% exercise="02.relu_backward"
def my_relu_backward(z, signal):
    ### BEGIN SOLUTION
    # fr: Le signal passe où l'unité était allumée ; en 0, elle ne l'était pas.
    # en: The signal passes where the unit was on; at 0 it was not.
    return np.where(z > 0, signal, 0.0)
    ### END SOLUTION


# %% check="02.relu_backward" points=2
exercise("02.relu_backward").check(my_relu_backward)

# %% [markdown] tags=["fr"]
# ### Exercice 3 : la rétropropagation d'un pooling
#
# `a` est ce qui est entré, de côtés pairs ; `signal` revient, un nombre par fenêtre de 2 × 2. Le résultat a la forme de `a`. Il n'y a pas d'ex æquo.

# %% [markdown] tags=["en"]
# ### Exercise 3: the backward pass of the pooling
#
# `a` is what came in, with even sides; `signal` comes back, one number for each window of 2 × 2. The result is shaped like `a`. There are no ties.


# %% exercise="02.pool_backward"
def my_pool_backward(a, signal):
    ### BEGIN SOLUTION
    found = np.zeros(a.shape)
    for i in range(signal.shape[0]):
        for j in range(signal.shape[1]):
            # fr: L'aiguillage : où, dans cette fenêtre, se trouve le maximum ?
            # en: The switch: where in this window is the maximum?
            window = a[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            row, column = np.unravel_index(np.argmax(window), window.shape)
            found[2 * i + row, 2 * j + column] = signal[i, j]
    return found
    ### END SOLUTION


# %% check="02.pool_backward" points=3
exercise("02.pool_backward").check(my_pool_backward)

# %% [markdown] tags=["fr"]
# ### Exercice 4 : la rétropropagation d'une convolution
#
# `signal` revient, un nombre par z. Donnez à chaque pixel la somme de ce que lui rendent les z qui en dépendent : chaque z rend son signal, pondéré par le filtre, au morceau d'image dont il dépend.

# %% [markdown] tags=["en"]
# ### Exercise 4: the backward pass of a convolution
#
# `signal` comes back, one number for each z. Give each pixel the sum of what it receives from the z that depend on it: each z gives its signal, weighted by the filter, to the piece of the picture on which it depends.


# %% exercise="02.conv_backward"
def my_conv_backward(signal, kernel):
    ### BEGIN SOLUTION
    height, width = kernel.shape
    found = np.zeros((signal.shape[0] + height - 1, signal.shape[1] + width - 1))
    for i in range(signal.shape[0]):
        for j in range(signal.shape[1]):
            # fr: Un pixel regardé par plusieurs z reçoit de chacun : on ajoute.
            # en: A pixel that several z looked at gets something from each: add.
            found[i : i + height, j : j + width] += signal[i, j] * kernel
    return found
    ### END SOLUTION


# %% check="02.conv_backward" points=3
exercise("02.conv_backward").check(my_conv_backward)

# %% [markdown] tags=["fr"]
# ## Bout à bout
#
# Vos quatre fonctions font un réseau entier, avec sa dérivée. Comparons à celle que donne la bibliothèque, sur une image tirée au hasard, et à la définition d'une dérivée : changer un peu un pixel, et mesurer le changement du score.

# %% [markdown] tags=["en"]
# ## End to end
#
# Your four functions make a whole network, with its derivative. Let us compare it with the one that the library gives, on a random picture, and with the definition of a derivative: change a pixel a little, and measure the change of the score.

# %%
random = ConvolutionLab(picture=np.random.default_rng(2).uniform(0, 6, (5, 5)))
picture, kernel, weights = (np.array(one) for one in (random.picture, random.filter, random.weights))


def score(pixels):
    a = np.maximum(my_conv2d(pixels, kernel), 0)
    return float((a.reshape(2, 2, 2, 2).max(axis=(1, 3)) * weights).sum())


done = all(
    exercise(f"02.{name}").check(answer).passed
    for name, answer in {
        "conv2d": my_conv2d,
        "relu_backward": my_relu_backward,
        "pool_backward": my_pool_backward,
        "conv_backward": my_conv_backward,
    }.items()
)
if done:
    z = my_conv2d(picture, kernel)
    at_a = my_pool_backward(np.maximum(z, 0), weights)
    mine = my_conv_backward(my_relu_backward(z, at_a), kernel)
    pixel = np.unravel_index(np.argmax(np.abs(mine)), mine.shape)
    nudged = picture.copy()
    nudged[pixel] += 0.001
    say(
        "02.same",
        difference=np.round(np.abs(mine - random.flow.back["x"]).max(), 4),
        mine=mine[pixel],
        nudged=(score(nudged) - score(picture)) / 0.001,
    )
    claim("02.1", "02.claim.same", np.abs(mine - random.flow.back["x"]).max(), at_most=0.001)
else:
    say("02.not_yet")
random.close()

# %% [markdown] tags=["fr"]
# ## Et si l'on changeait la règle ?
#
# Dans la rétropropagation, la ReLU arrête les signaux des unités inactives : c'est sa dérivée. Deux articles célèbres ont proposé d'autres règles, que la diapositive montre sur des matrices de 3 × 3 : la déconvolution et la rétropropagation guidée. Les voici, sur ces nombres-là, avec LRP. Le notebook 06 dit ce qu'elles valent.

# %% [markdown] tags=["en"]
# ## What if the rule were changed?
#
# In the backward pass the ReLU stops the signals of inactive units: that is its derivative. Two famous papers proposed other rules, which the slide shows on matrices of 3 × 3: deconvolution and guided backpropagation. Here they are, on those very numbers, with LRP. Notebook 06 says what they are worth.

# %%
stepper = BackwardStepper(step=5)
stepper

# %% [markdown] tags=["fr"]
# Si vous lisez d'anciens tutoriels : keras-vis (Kotikalapudi, 2017) et DeepExplain (Ancona et ses collègues, 2018) calculaient ces cartes pour les premières versions de Keras et de TensorFlow ; ni l'un ni l'autre n'est plus entretenu. Ici l'on écrit `explain(model, picture, "saliency", target="cat")`, avec `"guided_backprop"`, `"grad_cam"`, `"lrp"`, `"deep_lift"` ou `"integrated_gradients"` ; `list_methods()` en donne la liste.

# %% [markdown] tags=["en"]
# If you read older tutorials: keras-vis (Kotikalapudi, 2017) and DeepExplain (Ancona and colleagues, 2018) computed these maps for the first versions of Keras and TensorFlow; neither is maintained any more. Here one writes `explain(model, picture, "saliency", target="cat")`, with `"guided_backprop"`, `"grad_cam"`, `"lrp"`, `"deep_lift"` or `"integrated_gradients"`; `list_methods()` lists them.

# %% [markdown] tags=["fr"]
# ## Ce qu'il faut retenir
#
# - Passe avant : sommes de produits, maximum avec 0, maximum d'une fenêtre, somme de produits.
# - Rétropropagation, dans l'ordre inverse : chaque couche rend le signal à ses entrées. La ReLU laisse passer le signal où son entrée était positive, le pooling le donne au maximum de la fenêtre, la convolution le répartit selon ses poids.
# - En 0, la ReLU n'a pas de dérivée ; on choisit 0.
#
# ### Sources
#
# - Matthew D. Zeiler, Rob Fergus, *Visualizing and Understanding Convolutional Networks*, 2013, pour les aiguillages.
# - Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller, *Striving for Simplicity: The All Convolutional Net*, 2014, figure 1, pour les trois règles.
# - Ian Goodfellow, Yoshua Bengio, Aaron Courville, *Deep Learning*, 2016, chapitres 6 et 9.

# %% [markdown] tags=["en"]
# ## What to remember
#
# - Forward pass: sums of products, the maximum with 0, the maximum of a window, a sum of products.
# - Backward pass, in the opposite order: each layer hands the signal to its inputs. The ReLU lets the signal through where its input was positive, the pooling gives it to the maximum of the window, the convolution distributes it by its weights.
# - At 0 the ReLU has no derivative; one chooses 0.
#
# ### Sources
#
# - Matthew D. Zeiler, Rob Fergus, *Visualizing and Understanding Convolutional Networks*, 2013, for the switches.
# - Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller, *Striving for Simplicity: The All Convolutional Net*, 2014, figure 1, for the three rules.
# - Ian Goodfellow, Yoshua Bengio, Aaron Courville, *Deep Learning*, 2016, chapters 6 and 9.
