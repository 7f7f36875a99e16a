# ---
# jupyter:
#   course:
#     title:
#       fr: "Gradients : de combien chaque pixel déplace le score"
#       en: "Gradients: by how much each pixel moves the score"
#     minutes: 80
#     before: [02_convnet_recap, 03_adversarial]
#     part: explain
#     level: 2
#     slides:
#       fr: "saillance, déconvolution, rétropropagation guidée"
#       en: "saliency, deconvolution, guided backpropagation"
# ---

# %% [markdown] tags=["fr"]
# Un chat et un chien dans la même image. Le réseau voit les deux. Sur quels pixels s'appuie-t-il pour dire « chat » ? Et pour dire « chien », regarde-t-il ailleurs ?
#
# À la fin de ce notebook, vous saurez faire répondre un réseau à cette question par ses gradients, défaire à la main une passe arrière, écrire trois méthodes, et montrer par des nombres ce que chacune vaut. L'une des plus belles ne répond qu'à moitié à la question qu'on lui pose : vous le mesurerez.

# %% [markdown] tags=["en"]
# A cat and a dog in one picture. The network sees both. Which pixels does it rely on to say “cat”? And to say “dog”, does it look elsewhere?
#
# By the end of this notebook you will be able to make a network answer that question with its gradients, take a backward pass apart by hand, write three methods, and show with figures what each one is worth. One of the prettiest answers only half of the question it is asked: you will measure it.

# %%
import numpy as np

from xai_widgets import AttributionExplorer, BackwardStepper, load_model, sample_image
from xai_widgets.course import Table, exercise, say
from xai_widgets.course.display.map_figures import compare_maps, show_pictures
from xai_widgets.datasets.creatures import draw, sample_scene
from xai_widgets.methods import (
    deconvolution,
    grad_cam,
    gradient_times_input,
    guided_backprop,
    integrated_gradients,
    map_similarity,
    saliency,
    smooth_grad,
)

creatures = load_model("creatures")
picture = sample_image("creature-cat-dog")
show_pictures({"06.picture": picture})

# %%
likely = creatures.predict(picture).probabilities[0]
say("06.answer", cat=likely[0], dog=likely[1], others=np.sort(likely)[-3])

# %% [markdown] tags=["fr"]
# ## L'idée : pousser un pixel
#
# Prenons l'idée des diapositives au pied de la lettre. Si un petit changement du pixel $x_i$ change beaucoup le score $S_c$ de la classe $c$, ce pixel a de l'influence. Le rapport des deux changements est la dérivée $\partial S_c / \partial x_i$, et la passe arrière les donne toutes d'un coup. C'est la **carte de saillance** (Simonyan, Vedaldi et Zisserman, 2013) :
#
# $$\left.\frac{\partial S_c}{\partial I}\right|_{I_0} \qquad \text{ou, multipliée par l'entrée,} \qquad \left.\frac{\partial S_c}{\partial I}\right|_{I_0} \times I_0$$
#
# **Pariez.** À quoi ressemblera la carte du chat : à une tache sur le chat, à son contour, à du sable ?

# %% [markdown] tags=["en"]
# ## The idea: nudge a pixel
#
# Let us take the slides at their word. If a small change of the pixel $x_i$ changes the score $S_c$ of class $c$ a lot, that pixel has influence. The ratio of the two changes is the derivative $\partial S_c / \partial x_i$, and the backward pass gives all of them at once. This is the **saliency map** (Simonyan, Vedaldi and Zisserman, 2013):
#
# $$\left.\frac{\partial S_c}{\partial I}\right|_{I_0} \qquad \text{or, multiplied by the input,} \qquad \left.\frac{\partial S_c}{\partial I}\right|_{I_0} \times I_0$$
#
# **Place your bet.** What will the map of the cat look like: a blob on the cat, its outline, sand?

# %% tags=["cover"]
for_cat = saliency(creatures, picture, "cat")
product = gradient_times_input(creatures, picture, "cat")
compare_maps(
    {"06.saliency": for_cat.heatmap()[0], "06.product": product.heatmap("sum")[0]},
    picture,
    shared=False,
)

# %% [markdown] tags=["fr"]
# Plutôt du sable, avec quelque chose de chaque animal. Avant de juger, vérifions que ces nombres disent vrai : poussons pour de bon le pixel le plus fort, un peu, et regardons le score bouger.

# %% [markdown] tags=["en"]
# Rather sand, with something of each animal. Before we judge, let us check that these numbers tell the truth: nudge the strongest pixel for real, a little, and watch the score move.

# %%
image = creatures.preprocess(picture)
place = np.unravel_index(np.argmax(np.abs(for_cat.values)), for_cat.values.shape)
nudged = image.copy()
nudged[place] += 0.01
moved = creatures.logits(nudged)[0, 0] - creatures.logits(image)[0, 0]
say("06.nudge", row=place[1], column=place[2], promised=0.01 * for_cat.values[place], moved=moved)

# %% [markdown] tags=["fr"]
# La dérivée tient parole. La carte est exacte, et elle est pourtant difficile à lire : gardez cette contradiction en tête, c'est le fil de ce notebook.
#
# ## La passe arrière, à la main
#
# Un gradient se calcule de la fin vers le début, couche par couche. Tout se joue aux **ReLU**. À l'aller, une ReLU garde ce qui est positif. Au retour, que fait-elle du signal qui lui arrive ? Trois réponses, trois méthodes, celles des diapositives :
#
# | règle | le signal $R$ passe | écrite par |
# |---|---|---|
# | gradient | où l'activation était positive, $f > 0$ | le calcul différentiel |
# | déconvolution | où le signal est positif, $R > 0$ | Zeiler et Fergus, 2013 |
# | rétropropagation guidée | où les deux le sont | Springenberg, Dosovitskiy, Brox et Riedmiller, 2014 |
#
# Le labo ci-dessous est un réseau entier : une image de 4 × 4 pixels, un filtre, une ReLU, des poids, un score. Ses nombres sont choisis pour que la ReLU reçoive exactement la matrice des diapositives, et qu'il lui revienne exactement la leur. Il s'arrête à l'étape 3 : l'aller est fait.
#
# 1. **Avant d'avancer**, écrivez sur une feuille ce que chaque règle laissera passer à l'étape 5. Puis avancez et comparez.
# 2. Trouvez une unité que la déconvolution laisse passer alors qu'elle était éteinte. A-t-elle pu compter pour le score ?
# 3. Changez un nombre de l'image qui n'allume ni n'éteint aucune unité. Le gradient en x bouge-t-il ? Et LRP, dont parle le notebook 08 ?
# 4. Appuyez sur « w → −w » : on explique maintenant ce qui parle *contre*. Quelles cartes se retournent exactement ?

# %% [markdown] tags=["en"]
# The derivative keeps its word. The map is exact, and yet hard to read: keep this contradiction in mind, it is the thread of this notebook.
#
# ## The backward pass, by hand
#
# A gradient is computed from the end to the beginning, layer by layer. Everything is decided at the **ReLUs**. On the way forward, a ReLU keeps what is positive. On the way back, what does it do with the signal that comes to it? Three answers, three methods, those of the slides:
#
# | rule | the signal $R$ passes | written by |
# |---|---|---|
# | gradient | where the activation was positive, $f > 0$ | calculus |
# | deconvolution | where the signal is positive, $R > 0$ | Zeiler and Fergus, 2013 |
# | guided backpropagation | where both are | Springenberg, Dosovitskiy, Brox and Riedmiller, 2014 |
#
# The lab below is a whole network: a picture of 4 × 4 pixels, a filter, a ReLU, weights, a score. Its numbers are chosen so that exactly the slides' matrix comes to the ReLU, and exactly theirs comes back to it. It stands at step 3: the way forward is done.
#
# 1. **Before you go on**, write down on paper what each rule will let through at step 5. Then go on and compare.
# 2. Find a unit that deconvolution lets through although it was off. Can it have counted for the score?
# 3. Change a number of the picture that turns no unit on or off. Does the gradient at x move? And LRP, which notebook 08 is about?
# 4. Press “w → −w”: now we explain what speaks *against*. Which maps turn round exactly?

# %%
stepper = BackwardStepper(step=3)
stepper

# %% [markdown] tags=["fr"]
# ### Exercice 1 : la ReLU guidée
#
# Au notebook 02, vous avez écrit le retour ordinaire d'une ReLU. Écrivez celui de la rétropropagation guidée : `z` est ce qui est entré dans la ReLU à l'aller, `r` le signal qui lui arrive au retour, de même forme.

# %% [markdown] tags=["en"]
# ### Exercise 1: the guided ReLU
#
# In notebook 02 you wrote a ReLU's ordinary way back. Write the one of guided backpropagation: `z` is what came into the ReLU on the way forward, `r` the signal that comes to it on the way back, of the same shape.


# %% exercise="06.guided_relu"
def guided_relu_backward(z, r):
    ### BEGIN SOLUTION
    # fr: Deux conditions, l'une de l'aller, l'autre du retour.
    # en: Two conditions, one from the way forward, one from the way back.
    return np.where((z > 0) & (r > 0), r, 0.0)
    ### END SOLUTION


# %% check="06.guided_relu" points=2
exercise("06.guided_relu").check(guided_relu_backward)

# %% [markdown] tags=["fr"]
# Votre règle et la bibliothèque, sur les nombres du labo tels qu'ils sont à présent :

# %% [markdown] tags=["en"]
# Your rule and the library, on the lab's numbers as they are now:

# %%
if exercise("06.guided_relu").passed:
    signals = stepper.passes.back["guided_backprop"]
    mine = guided_relu_backward(stepper.passes.z, signals["a"])
    say("06.same_as_library", difference=np.abs(mine - signals["z"]).max(), kept=int((mine > 0).sum()))
else:
    say("06.guided_first")

# %% [markdown] tags=["fr"]
# ### Pour et contre
#
# Expliquons le score, puis son opposé. Un gradient se retourne exactement : ce qui parle pour l'un parle contre l'autre, d'autant. Le cosinus entre les deux cartes en x vaut alors −1. Et pour les autres règles ?

# %% [markdown] tags=["en"]
# ### For and against
#
# Let us explain the score, then its opposite. A gradient turns round exactly: what speaks for the one speaks against the other, just as much. The cosine between the two maps at x is then −1. And with the other rules?

# %%
fresh = BackwardStepper()
pro = {rule: signals["x"] for rule, signals in fresh.passes.back.items()}
fresh.weights = 0.0 - np.array(fresh.weights)
fresh.wait()
contra = {rule: signals["x"] for rule, signals in fresh.passes.back.items()}
fresh.close()
cosines = [float(map_similarity(pro[rule][None], contra[rule][None], "cosine")[0]) for rule in pro]
Table(
    {"06.table.rule": ["06.saliency", "06.deconvolution", "06.guided", "06.lrp"], "06.table.cosine": cosines},
    ["", ".2f"],
)

# %% [markdown] tags=["fr"]
# La déconvolution et la rétropropagation guidée jettent en chemin ce qui est négatif : ce qui parle contre la classe n'arrive jamais en bas. Leurs deux cartes ne sont plus deux faces d'une même chose. Elles ne sont plus la dérivée de rien.
#
# ## Les méthodes côte à côte
#
# Revenons à l'image. Cliquez sur la barre du chat, puis sur celle du chien. **Pour quelle méthode la carte change-t-elle de place ?**

# %% [markdown] tags=["en"]
# Deconvolution and guided backpropagation throw away what is negative on their way: what speaks against the class never arrives. Their two maps are no longer two sides of one thing. They are no longer the derivative of anything.
#
# ## The methods side by side
#
# Back to the picture. Click on the cat's bar, then on the dog's. **For which method does the map change place?**

# %%
explorer = AttributionExplorer(
    creatures, "creature-cat-dog", target="cat", methods=("saliency", "guided_backprop", "grad_cam")
)
explorer

# %% [markdown] tags=["fr"]
# La rétropropagation guidée est la plus nette : on y suit les contours jusqu'aux moustaches. C'est ce qui a fait son succès. Mais regardez la diapositive « Inconvénients » : *« la visualisation est incapable de distinguer les pixels du chat et du chien »*. Est-ce vrai, et de combien ?

# %% [markdown] tags=["en"]
# Guided backpropagation is the sharpest: the outlines can be followed down to the whiskers. That is what made it popular. But look at the slide on its drawbacks: *the visualisation cannot tell the pixels of the cat from those of the dog*. Is it true, and by how much?

# %%
compare_maps(
    {
        "06.guided_cat": guided_backprop(creatures, picture, "cat").heatmap()[0],
        "06.guided_dog": guided_backprop(creatures, picture, "dog").heatmap()[0],
        "06.cam_cat": grad_cam(creatures, picture, "cat").heatmap()[0],
        "06.cam_dog": grad_cam(creatures, picture, "dog").heatmap()[0],
    },
    picture,
    shared=False,
)

# %% [markdown] tags=["fr"]
# Une image ne prouve rien. Dessinons douze scènes avec un chat et un chien, dont on connaît le masque exact. Pour chaque méthode, trois nombres, en moyenne sur les scènes :
#
# - la **corrélation des rangs** entre la carte du chat et celle du chien : 1 si elles classent les pixels de la même façon ;
# - la part de la carte du **chat** qui tombe sur le chat ;
# - la part de la carte du **chien** qui tombe, elle aussi, sur le chat. Si la méthode distingue les classes, cette part doit tomber à presque rien.

# %% [markdown] tags=["en"]
# One picture proves nothing. Let us draw twelve scenes with a cat and a dog, whose exact masks we know. For each method, three figures, averaged over the scenes:
#
# - the **rank correlation** between the map of the cat and that of the dog: 1 if they put the pixels in the same order;
# - the share of the map of the **cat** that falls on the cat;
# - the share of the map of the **dog** that falls on the cat as well. If the method tells the classes apart, this share must fall to next to nothing.

# %%
scenes = [draw(sample_scene((6, number), ("cat", "dog"), 2, noise=False, occluders=False)) for number in range(12)]
pictures = np.stack([scene.picture for scene in scenes])
cats = np.stack([scene.animals[scene.labels.index("cat")] for scene in scenes])


def on_the_cat(maps):
    return np.mean((maps * cats).sum(axis=(1, 2)) / maps.sum(axis=(1, 2)))


compared = {
    "06.saliency": saliency,
    "06.deconvolution": deconvolution,
    "06.guided": guided_backprop,
    "06.grad_cam": grad_cam,
}
rows = []
for method in compared.values():
    cat_maps, dog_maps = (method(creatures, pictures, name).heatmap() for name in ("cat", "dog"))
    rows.append((np.mean(map_similarity(cat_maps, dog_maps)), on_the_cat(cat_maps), on_the_cat(dog_maps)))
alike, cat_on_cat, dog_on_cat = (np.array(column) for column in zip(*rows, strict=True))
Table(
    {
        "06.table.method": list(compared),
        "06.table.alike": alike,
        "06.table.cat_on_cat": cat_on_cat,
        "06.table.dog_on_cat": dog_on_cat,
    },
    ["", ".2f", ".0%", ".0%"],
)

# %%
assert alike[2] > 0.8
assert alike[3] < 0.3
assert dog_on_cat[2] > cats.mean() > dog_on_cat[3]
say("06.flaw", guided=alike[2], cam=alike[3], covered=cats.mean())

# %% [markdown] tags=["fr"]
# Les nombres donnent raison à la diapositive sur un point, et la nuancent sur un autre. L'**ordre** des pixels est presque le même, qu'on demande le chat ou le chien : les bords qui traversent le réseau sont toujours les mêmes. Leur **intensité**, elle, dépend de la classe, sur notre réseau du moins : la part qui tombe sur le chat baisse quand on demande le chien. Mais elle ne disparaît pas, et ce qui en reste dépasse encore la place que le chat occupe dans l'image. Grad-CAM, qui prend le gradient à une couche profonde et non aux pixels, change de place pour de bon ; c'est le notebook 07.
#
# D'où vient ce défaut ? Nie, Zhang et Patel (2018) ont démontré que la rétropropagation guidée reconstruit en partie l'image. Adebayo et ses collègues (2018) l'ont vue presque inchangée sur un réseau dont les dernières couches étaient tirées au hasard. Remarquez aussi que la saillance ne fait guère mieux dans la première colonne : là où le réseau est sensible, il l'est pour les deux classes.
#
# ### Et sur une photographie ?
#
# Un vrai chat, et un réseau qui connaît onze choses, dont le chat et le chien. Demandez aussi le chien, qu'il ne voit presque pas ici (dans une cellule, `photographed.target = "dog"`), et comparez : **quelle carte a encore l'air d'un chat ?**

# %% [markdown] tags=["en"]
# The figures bear the slide out on one point, and qualify it on another. The **order** of the pixels is almost the same, whether the cat is asked for or the dog: the edges that go through the network are always the same. Their **strength**, though, depends on the class, on our network at least: the share that falls on the cat is lower when the dog is asked for. But it does not vanish, and what is left of it still exceeds the room that the cat takes up in the picture. Grad-CAM, which takes the gradient at a deep layer and not at the pixels, changes place for good; that is notebook 07.
#
# Where does this flaw come from? Nie, Zhang and Patel (2018) proved that guided backpropagation recovers the picture in part. Adebayo and colleagues (2018) saw it nearly unchanged on a network whose last layers were random. Notice too that saliency hardly does better in the first column: where the network is sensitive, it is so for both classes.
#
# ### And on a photograph?
#
# A real cat, and a network that knows eleven things, cats and dogs among them. Ask for the dog too, which it hardly sees here (in a cell, `photographed.target = "dog"`), and compare: **which map still looks like a cat?**

# %%
photographed = AttributionExplorer(
    load_model("photos"), "cat", target="cat", methods=("saliency", "guided_backprop", "grad_cam")
)
photographed

# %% [markdown] tags=["fr"]
# ## La saillance est bruitée
#
# « Trop de bruits », dit la diapositive. Mettons-y un nombre. Sur une photo ou un dessin, deux pixels voisins se ressemblent. Sur une carte aussi, si elle parle d'objets et non de grains. Mesurons la corrélation entre chaque pixel et son voisin de droite.

# %% [markdown] tags=["en"]
# ## Saliency is noisy
#
# “Too much noise”, says the slide. Let us put a number to it. In a photograph or a drawing, two neighbouring pixels look alike. On a map too, if it speaks of objects and not of grains. We measure the correlation between each pixel and its neighbour on the right.

# %%
signed = for_cat.heatmap("sum")[0]


def neighbours(values):
    return np.corrcoef(values[:, :-1].ravel(), values[:, 1:].ravel())[0, 1]


say("06.noisy", picture=neighbours(image[0].mean(axis=-1)), saliency=neighbours(signed))

# %% [markdown] tags=["fr"]
# Pourquoi ? Le score est fait de milliers de morceaux droits, un par combinaison d'unités allumées. D'un morceau à l'autre, la pente saute. Le gradient dit la pente du morceau où l'on se trouve, à un cheveu près. **SmoothGrad** (Smilkov, Thorat, Kim, Viégas et Wattenberg, 2017) demande plutôt la pente moyenne des environs : on ajoute du bruit à l'image, on prend le gradient, on recommence, on fait la moyenne.
#
# ### Exercice 2 : SmoothGrad à partir de la saillance
#
# - `gradient(pictures)` donne le gradient d'un lot `(N, H, W, C)`, de même forme ;
# - `x` est une image `(H, W, C)` ; le résultat a sa forme ;
# - `noise` est l'écart type d'un bruit gaussien, `samples` le nombre de copies, `rng` un générateur de NumPy.

# %% [markdown] tags=["en"]
# Why? The score is made of thousands of straight pieces, one for each combination of units that are on. From one piece to the next, the slope jumps. The gradient tells the slope of the piece you stand on, give or take a hair. **SmoothGrad** (Smilkov, Thorat, Kim, Viégas and Wattenberg, 2017) asks for the mean slope of the neighbourhood instead: add noise to the picture, take the gradient, start again, take the mean.
#
# ### Exercise 2: SmoothGrad from saliency
#
# - `gradient(pictures)` gives the gradient of a batch `(N, H, W, C)`, of the same shape;
# - `x` is one picture `(H, W, C)`; the result has its shape;
# - `noise` is the standard deviation of Gaussian noise, `samples` the number of copies, `rng` a NumPy generator.


# %% exercise="06.smooth_grad"
def my_smooth_grad(gradient, x, noise, samples, rng):
    ### BEGIN SOLUTION
    # fr: Toutes les copies en un lot, chacune avec son bruit ; la moyenne garde les signes.
    # en: All copies in one batch, each with its own noise; the mean keeps the signs.
    noisy = x + rng.normal(0, noise, size=(samples, *x.shape))
    return gradient(noisy).mean(axis=0)
    ### END SOLUTION


# %% check="06.smooth_grad" points=3
exercise("06.smooth_grad").check(my_smooth_grad)

# %%
if exercise("06.smooth_grad").passed:

    def cat_gradient(batch):
        return saliency(creatures, np.asarray(batch, "float32"), "cat").values

    smooth = my_smooth_grad(cat_gradient, image[0], 0.05, 40, np.random.default_rng(0)).sum(axis=-1)
    library = smooth_grad(creatures, picture, "cat", samples=40, noise=0.05, seed=1).heatmap("sum")
    say(
        "06.smoother",
        before=neighbours(signed),
        after=neighbours(smooth),
        library=map_similarity(smooth[None], library)[0],
    )
else:
    say("06.smooth_first")

# %% [markdown] tags=["fr"]
# Votre carte et celle de la bibliothèque n'ont pas tiré le même bruit : elles se ressemblent sans être égales. Avec plus de copies, elles se rapprochent. Combien de bruit faut-il ? Essayons.

# %% [markdown] tags=["en"]
# Your map and the library's have not drawn the same noise: they look alike without being equal. With more copies, they come closer. How much noise does it take? Let us try.

# %%
noises = [0.02, 0.05, 0.15, 0.3]
touched = image + 0.02 * np.random.default_rng(0).normal(size=image.shape).astype("float32")


def cat_maps(inputs):
    smoothed = [smooth_grad(creatures, inputs, "cat", samples=30, noise=noise).heatmap("sum") for noise in noises]
    return [saliency(creatures, inputs, "cat").heatmap("sum"), *smoothed]


before, after = cat_maps(image), cat_maps(touched)
Table(
    {
        "06.table.noise": [0.0, *noises],
        "06.table.neighbours": [neighbours(one[0]) for one in before],
        "06.table.stable": [map_similarity(one, other)[0] for one, other in zip(before, after, strict=True)],
    },
    [".2f", ".2f", ".2f"],
)

# %%
sure = [creatures.predict(one).probabilities[0, 0] for one in (image, touched)]
say("06.touched", before=sure[0], after=sure[1])

# %% [markdown] tags=["fr"]
# La dernière colonne refait chaque carte après avoir ajouté à l'image un bruit de 2 %, qui ne change guère la réponse et se voit à peine. La première ligne est la saillance toute nue : l'ordre de ses pixels y survit mal. Plus SmoothGrad met de bruit, plus sa carte est stable. Mais l'autre colonne ne suit pas : à trop de bruit, on moyenne les pentes d'images de plus en plus loin de la nôtre. Et rien ne dit qu'une carte plus lisse ou plus stable soit plus vraie : cela se mesure, au notebook 09.
#
# ## Les gradients saturent
#
# Il y a plus grave que le bruit. Voici le plus petit réseau qui le montre, celui de la diapositive : $y = \min(i_1 + i_2, 1)$, écrit avec une ReLU. Au point $(1, 1)$, la sortie vaut 1. Qui en est la cause ? **Que dira le gradient ?**

# %% [markdown] tags=["en"]
# The last column makes each map again after 2% noise was added to the picture, which hardly changes the answer and can hardly be seen. The first line is bare saliency: the order of its pixels hardly survives. The more noise SmoothGrad adds, the more stable its map. But the other column does not follow: with too much noise, the slopes that are averaged are those of pictures further and further from ours. And nothing says that a smoother or a more stable map is a truer one: that can be measured, in notebook 09.
#
# ## Gradients saturate
#
# There is worse than noise. Here is the smallest network that shows it, the slide's: $y = \min(i_1 + i_2, 1)$, written with a ReLU. At the point $(1, 1)$ the output is 1. What is the cause? **What will the gradient say?**

# %%
import keras

inputs = keras.Input((2,))
toy = keras.Model(inputs, 1 - keras.ops.relu(1 - keras.ops.sum(inputs, axis=-1, keepdims=True)))
point = np.array([[1.0, 1.0]], "float32")
say(
    "06.toy",
    gradient=np.array2string(saliency(toy, point, 0).values[0] + 0.0, precision=1),
    integrated=np.array2string(integrated_gradients(toy, point, 0, steps=100).values[0], precision=2),
)

# %% [markdown] tags=["fr"]
# Aucun des deux, dit le gradient : au point où nous sommes, plus rien ne bouge. C'est exact, et ce n'est pas une explication. Notre réseau de créatures sature-t-il aussi ? Faisons apparaître l'image peu à peu, d'un gris uni ($\alpha = 0$) à elle-même ($\alpha = 1$), et suivons la probabilité du chat et la taille de son gradient.

# %% [markdown] tags=["en"]
# Neither, says the gradient: at the point where we are, nothing moves any more. That is exact, and it is no explanation. Does our creatures network saturate as well? Let the picture appear little by little, from plain grey ($\alpha = 0$) to itself ($\alpha = 1$), and follow the probability of the cat and the size of its gradient.

# %%
grey = np.full_like(image, 0.5)
alphas = np.array([0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0], "float32")
path = grey + alphas.reshape(-1, 1, 1, 1) * (image - grey)
sizes = np.abs(saliency(creatures, path, "cat", output="probability").values).sum(axis=(1, 2, 3))
Table(
    {
        "06.table.alpha": alphas,
        "06.table.probability": creatures.predict(path).probabilities[:, 0],
        "06.table.size": sizes / sizes.max(),
    },
    [".1f", ".0%", ".0%"],
)

# %% [markdown] tags=["fr"]
# La probabilité monte en chemin ; c'est là que le gradient est grand. À l'arrivée, il n'en reste qu'une petite part : le réseau est déjà convaincu. D'où l'idée des **gradients intégrés** (Sundararajan, Taly et Yan, 2017) : additionner les gradients de tout le chemin depuis une image de référence $x'$, et non de sa seule fin.
#
# $$\mathrm{IG}_i(x) = (x_i - x'_i) \int_0^1 \frac{\partial S_c}{\partial x_i}\big(x' + \alpha\,(x - x')\big)\, d\alpha$$
#
# Cette formule apporte ce qui manquait à tout ce qui précède, une vérification : la somme des valeurs doit être exactement la hausse du score, $\sum_i \mathrm{IG}_i = S_c(x) - S_c(x')$. On dit que la méthode est **complète**.
#
# ### Exercice 3 : les gradients intégrés
#
# - `gradient(pictures)` : comme avant ;
# - `x` et `baseline` : deux images `(H, W, C)` ;
# - `steps` : le nombre de gradients ; remplacez l'intégrale par une moyenne.

# %% [markdown] tags=["en"]
# The probability rises on the way; that is where the gradient is large. On arrival only a small part of it is left: the network is convinced already. Hence the idea of **integrated gradients** (Sundararajan, Taly and Yan, 2017): add up the gradients of the whole way from a baseline picture $x'$, and not of its end alone.
#
# $$\mathrm{IG}_i(x) = (x_i - x'_i) \int_0^1 \frac{\partial S_c}{\partial x_i}\big(x' + \alpha\,(x - x')\big)\, d\alpha$$
#
# This formula brings what everything before it lacked, a check: the sum of the values must be exactly the rise of the score, $\sum_i \mathrm{IG}_i = S_c(x) - S_c(x')$. The method is said to be **complete**.
#
# ### Exercise 3: integrated gradients
#
# - `gradient(pictures)`: as before;
# - `x` and `baseline`: two pictures `(H, W, C)`;
# - `steps`: the number of gradients; put a mean in place of the integral.


# %% exercise="06.integrated_gradients"
def my_integrated_gradients(gradient, x, baseline, steps):
    ### BEGIN SOLUTION
    # fr: Le milieu de chaque pas, du départ à l'arrivée.
    # en: The middle of each step, from start to end.
    alphas = (np.arange(steps) + 0.5) / steps
    path = baseline + alphas.reshape(-1, 1, 1, 1) * (x - baseline)
    return (x - baseline) * gradient(path).mean(axis=0)
    ### END SOLUTION


# %% check="06.integrated_gradients" points=4
exercise("06.integrated_gradients").check(my_integrated_gradients)

# %% [markdown] tags=["fr"]
# Sur le chat, combien de pas faut-il pour que le compte soit bon ? L'erreur de complétude est ce qui manque à la somme, en part de la hausse du score. La bibliothèque propose deux façons d'intégrer : des pas égaux (Riemann, comme dans l'article) et des pas mieux placés (Gauss-Legendre).

# %% [markdown] tags=["en"]
# On the cat, how many steps does it take for the sum to be right? The completeness error is what the sum lacks, as a share of the rise of the score. The library has two ways to integrate: equal steps (Riemann, as in the paper) and better placed ones (Gauss-Legendre).

# %%
counts = [5, 20, 80]
errors = {"riemann": [], "gauss_legendre": []}
for rule, found in errors.items():
    for steps in counts:
        answer = integrated_gradients(creatures, picture, "cat", baseline=0.5, steps=steps, quadrature=rule)
        rise = answer.values.sum() - answer.delta[0]
        found.append(abs(answer.delta[0] / rise))
Table(
    {
        "06.table.steps": counts,
        "06.table.riemann": errors["riemann"],
        "06.table.gauss": errors["gauss_legendre"],
    },
    ["", ".1%", ".1%"],
    caption="06.table.completeness",
)

# %%
compare_maps(
    {
        "06.saliency": for_cat.heatmap("sum")[0],
        "06.smooth": before[2][0],
        "06.integrated": answer.heatmap("sum")[0],
    },
    picture,
    shared=False,
)

# %% [markdown] tags=["fr"]
# Nous sommes partis du gris. Le noir est la référence la plus courante ; est-il neutre pour ce réseau ?

# %% [markdown] tags=["en"]
# We started from grey. Black is the most usual baseline; is it neutral for this network?

# %%
on_black, on_grey = (creatures.predict(one).probabilities[0, 0] for one in (np.zeros_like(image), grey))
say("06.neutral", black=on_black, grey=on_grey)

# %% [markdown] tags=["fr"]
# Une image où il n'y a rien, et le réseau y voit plutôt un chat : il n'a jamais appris ce qu'est le noir. Une explication qui en part n'explique presque plus rien. La référence est une question que l'on pose ; il faut la choisir, et la dire.
#
# ## Ce qu'il faut retenir
#
# - Un gradient répond exactement à une question étroite : de combien le score bouge-t-il si je pousse ce pixel, **ici** ? Il est bruité parce que la pente saute, et muet où le réseau sature.
# - Déconvolution et rétropropagation guidée changent le retour des ReLU. Elles donnent de belles images, et elles distinguent mal les classes : une carte nette n'est pas une carte juste.
# - SmoothGrad moyenne les environs ; les gradients intégrés moyennent un chemin, et se vérifient par leur somme. Ils dépendent de la référence.
#
# ### Sources
#
# - Karen Simonyan, Andrea Vedaldi, Andrew Zisserman, *Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps*, 2013.
# - Matthew D. Zeiler, Rob Fergus, *Visualizing and Understanding Convolutional Networks*, 2013.
# - Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller, *Striving for Simplicity: The All Convolutional Net*, 2014.
# - Weili Nie, Yang Zhang, Ankit Patel, *A Theoretical Explanation for Perplexing Behaviors of Backpropagation-based Visualizations*, 2018.
# - Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim, *Sanity Checks for Saliency Maps*, 2018.
# - Daniel Smilkov, Nikhil Thorat, Been Kim, Fernanda Viégas, Martin Wattenberg, *SmoothGrad: removing noise by adding noise*, 2017.
# - Mukund Sundararajan, Ankur Taly, Qiqi Yan, *Axiomatic Attribution for Deep Networks*, 2017.

# %% [markdown] tags=["en"]
# A picture with nothing in it, and the network rather sees a cat: it never learnt what black is. An explanation that starts there has next to nothing left to explain. The baseline is a question one asks; it must be chosen, and told.
#
# ## What to remember
#
# - A gradient gives an exact answer to a narrow question: by how much does the score move if I nudge this pixel, **here**? It is noisy because the slope jumps, and mute where the network saturates.
# - Deconvolution and guided backpropagation change the ReLUs' way back. They give beautiful pictures, and tell the classes apart badly: a sharp map is not a right one.
# - SmoothGrad averages over a neighbourhood; integrated gradients average over a path, and are checked by their sum. They depend on the baseline.
#
# ### Sources
#
# - Karen Simonyan, Andrea Vedaldi, Andrew Zisserman, *Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps*, 2013.
# - Matthew D. Zeiler, Rob Fergus, *Visualizing and Understanding Convolutional Networks*, 2013.
# - Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller, *Striving for Simplicity: The All Convolutional Net*, 2014.
# - Weili Nie, Yang Zhang, Ankit Patel, *A Theoretical Explanation for Perplexing Behaviors of Backpropagation-based Visualizations*, 2018.
# - Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim, *Sanity Checks for Saliency Maps*, 2018.
# - Daniel Smilkov, Nikhil Thorat, Been Kim, Fernanda Viégas, Martin Wattenberg, *SmoothGrad: removing noise by adding noise*, 2017.
# - Mukund Sundararajan, Ankur Taly, Qiqi Yan, *Axiomatic Attribution for Deep Networks*, 2017.
