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
# À la fin de ce notebook, vous saurez faire répondre un réseau à cette question par ses gradients, défaire à la main une passe arrière, écrire trois méthodes, et montrer par des nombres ce que chacune vaut. L'une des plus nettes dessine presque le même motif quelle que soit la classe demandée : vous le mesurerez.

# %% [markdown] tags=["en"]
# A cat and a dog in one picture. The network sees both. Which pixels does it rely on to say “cat”? And to say “dog”, does it look elsewhere?
#
# By the end of this notebook you will be able to make a network answer that question with its gradients, take a backward pass apart by hand, write three methods, and show with figures what each one is worth. One of the sharpest draws nearly the same pattern whatever class it is asked about: you will measure it.

# %%
import numpy as np
from scipy.stats import spearmanr

from xai_widgets import AttributionExplorer, BackwardStepper, load_model, sample_image
from xai_widgets.course import Table, claim, exercise, say
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
# Ces deux formules ont un signe et trois canaux. Pour dessiner une seule valeur par pixel, Simonyan et ses collègues prennent la plus grande valeur absolue des trois canaux, que la diapositive écrit $|\partial S / \partial I|$ : c'est ce que rend `.heatmap()`. `.heatmap("sum")` additionne les canaux et garde le signe.
#
# **Pariez.** À quoi ressemblera la carte du chat : à une tache sur le chat, à son contour, à des points épars ?

# %% [markdown] tags=["en"]
# ## The idea: nudge a pixel
#
# Let us take the slides at their word. If a small change of the pixel $x_i$ changes the score $S_c$ of class $c$ a lot, that pixel has influence. The ratio of the two changes is the derivative $\partial S_c / \partial x_i$, and the backward pass gives all of them at once. This is the **saliency map** (Simonyan, Vedaldi and Zisserman, 2013):
#
# $$\left.\frac{\partial S_c}{\partial I}\right|_{I_0} \qquad \text{or, multiplied by the input,} \qquad \left.\frac{\partial S_c}{\partial I}\right|_{I_0} \times I_0$$
#
# Both formulas have a sign and three channels. To draw a single value for each pixel, Simonyan and colleagues take the largest absolute value over the three channels, which the slide writes $|\partial S / \partial I|$: that is what `.heatmap()` returns. `.heatmap("sum")` adds the channels up and keeps the sign.
#
# **Place your bet.** What will the map of the cat look like: a blob on the cat, its outline, scattered points?

# %% tags=["cover"]
for_cat = saliency(creatures, picture, "cat")
product = gradient_times_input(creatures, picture, "cat")
compare_maps(
    {"06.saliency": for_cat.heatmap()[0], "06.product": product.heatmap("sum")[0]},
    picture,
    shared=False,
)

# %% [markdown] tags=["fr"]
# Des points épars, surtout sur le chat, et un peu sur le chien ; les parts exactes viennent plus bas. Avant de juger, vérifions que ces nombres sont justes : changeons un peu le pixel le plus fort, et regardons de combien le score change.

# %% [markdown] tags=["en"]
# Scattered points, mostly on the cat, and some on the dog; the exact shares come further down. Before we judge, let us check that these numbers are right: change the strongest pixel a little, and see by how much the score changes.

# %%
image = creatures.preprocess(picture)
place = np.unravel_index(np.argmax(np.abs(for_cat.values)), for_cat.values.shape)
nudged = image.copy()
nudged[place] += 0.01
moved = creatures.logits(nudged)[0, 0] - creatures.logits(image)[0, 0]
say("06.nudge", row=place[1], column=place[2], promised=0.01 * for_cat.values[place], moved=moved)

# %% [markdown] tags=["fr"]
# La dérivée prédit bien ce changement. La carte est donc exacte, et pourtant difficile à lire : ce notebook cherche pourquoi.
#
# ## La passe arrière, à la main
#
# Un gradient se calcule de la fin vers le début, couche par couche : c'est la rétropropagation. Les trois méthodes des diapositives ne diffèrent qu'aux **ReLU**. À l'aller, une ReLU garde ce qui est positif. Au retour, que fait-elle du signal qui lui arrive ? Trois réponses, trois méthodes, celles des diapositives :
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
# The derivative predicts this change well. So the map is exact, and yet hard to read: this notebook looks for the reason.
#
# ## The backward pass, by hand
#
# A gradient is computed from the end to the beginning, layer by layer: this is the backward pass. The slides' three methods differ at the **ReLUs** only. In the forward pass, a ReLU keeps what is positive. In the backward pass, what does it do with the signal that comes to it? Three answers, three methods, those of the slides:
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
# La déconvolution et la rétropropagation guidée jettent en chemin ce qui est négatif : ce qui parle contre la classe n'arrive jamais en bas. Leurs deux cartes ne sont plus opposées : aucune des deux n'est la dérivée du score.
#
# ## Les méthodes côte à côte
#
# Revenons à l'image. Cliquez sur la barre du chat, puis sur celle du chien. **Pour quelle méthode la carte change-t-elle de place ?**

# %% [markdown] tags=["en"]
# Deconvolution and guided backpropagation throw away what is negative on their way: what speaks against the class never arrives. Their two maps are no longer opposite: neither is the derivative of the score.
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
# La rétropropagation guidée est la plus nette : on y suit les contours jusqu'aux moustaches. C'est ce qui a fait son succès. Mais la diapositive « Inconvénients » dit : *« la visualisation est incapable de distinguer les pixels du chat et du chien »*. Est-ce vrai de notre réseau ?

# %% [markdown] tags=["en"]
# Guided backpropagation is the sharpest: the outlines can be followed down to the whiskers. That is what made it popular. But look at the slide on its drawbacks: *the visualisation cannot tell the pixels of the cat from those of the dog*. Is it true of our network?

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
# Une image ne prouve rien. Dessinons soixante scènes avec un chat et un chien, dont on connaît le masque exact. Pour chaque méthode, trois nombres, en moyenne sur les scènes :
#
# - la **corrélation des rangs** entre la carte du chat et celle du chien, sur les pixels du chat seulement : 1 si elles y rangent les pixels dans le même ordre ;
# - la part de la carte du **chat** qui tombe sur le chat ;
# - la part de la carte du **chien** qui tombe, elle aussi, sur le chat. Si la méthode distingue les classes, cette part doit tomber à presque rien.

# %% [markdown] tags=["en"]
# One picture proves nothing. Let us draw sixty scenes with a cat and a dog, whose exact masks we know. For each method, three figures, averaged over the scenes:
#
# - the **rank correlation** between the map of the cat and that of the dog, on the pixels of the cat only: 1 if they put these pixels in the same order;
# - the share of the map of the **cat** that falls on the cat;
# - the share of the map of the **dog** that falls on the cat as well. If the method tells the classes apart, this share must fall to next to nothing.

# %%
scenes = [draw(sample_scene((6, number), ("cat", "dog"), 2, noise=False, occluders=False)) for number in range(60)]
pictures = np.stack([scene.picture for scene in scenes])
cats = np.stack([scene.animals[scene.labels.index("cat")] for scene in scenes])


def on_the_cat(maps):
    return (maps * cats).sum(axis=(1, 2)) / maps.sum(axis=(1, 2))


def alike_on_the_cat(maps, others):
    inside = [(one[cat], other[cat]) for one, other, cat in zip(maps, others, cats, strict=True)]
    # fr: Une carte vide sur le chat n'y range aucun pixel : 0.
    # en: A map that is empty on the cat puts no pixels in order there: 0.
    return np.array([spearmanr(*pair).statistic if all(map(np.ptp, pair)) else 0.0 for pair in inside])


compared = {
    "06.saliency": saliency,
    "06.deconvolution": deconvolution,
    "06.guided": guided_backprop,
    "06.grad_cam": grad_cam,
}
rows = []
for method in compared.values():
    cat_maps, dog_maps = (method(creatures, pictures, name).heatmap() for name in ("cat", "dog"))
    rows.append((alike_on_the_cat(cat_maps, dog_maps), on_the_cat(cat_maps), on_the_cat(dog_maps)))
alike, cat_on_cat, dog_on_cat = (np.array(column) for column in zip(*rows, strict=True))
Table(
    {
        "06.table.method": list(compared),
        "06.table.alike": alike.mean(axis=1),
        "06.table.cat_on_cat": cat_on_cat.mean(axis=1),
        "06.table.dog_on_cat": dog_on_cat.mean(axis=1),
    },
    ["", ".2f", ".0%", ".0%"],
    caption="06.table.methods_title",
)

# %%
covered = cats.mean()
claim("06.1", "06.claim.saliency", cat_on_cat[0], at_least=covered, chance=covered, dog=dog_on_cat[0].mean())
claim("06.2", "06.claim.pattern", alike[2], at_least=0.5, chance=0.0)
claim("06.3", "06.claim.strength", cat_on_cat[2] - dog_on_cat[2], at_least=0.1, chance=0.0)
claim("06.4", "06.claim.rest", dog_on_cat[2], at_least=covered, chance=covered)
claim("06.5", "06.claim.deconvolution", cat_on_cat[1] - dog_on_cat[1], at_most=0.05, chance=0.0)
claim("06.6", "06.claim.grad_cam", dog_on_cat[3], at_most=covered, chance=covered, cat=cat_on_cat[3].mean())

# %% [markdown] tags=["fr"]
# La phrase de la diapositive est vraie en partie. Le **motif** de la rétropropagation guidée sur le chat est presque le même, qu'on demande le chat ou le chien (06.2) : à l'œil, la carte du chien montre encore un chat. La **force** de la carte, elle, dépend de la classe sur notre réseau (06.3) : elle est plus grande sur l'animal demandé. Mais quand on demande le chien, ce qui reste sur le chat dépasse encore la place qu'il occupe (06.4). C'est la déconvolution qui ne distingue pas les deux animaux (06.5). Grad-CAM, qui prend le gradient à une couche profonde et non aux pixels, change de place avec la classe (06.6) ; c'est le notebook 07.
#
# D'où vient ce motif commun ? Nie, Zhang et Patel (2018) ont démontré que la rétropropagation guidée reconstruit en partie l'image. Adebayo et ses collègues (2018) l'ont vue presque inchangée sur un réseau dont les dernières couches étaient tirées au hasard. Ces deux résultats portent sur d'autres réseaux que le nôtre ; dans VGG16, trois couches denses suivent les convolutions, alors qu'ici les poids d'une seule couche choisissent les cartes de la classe.
#
# ### Et sur une photographie ?
#
# Un vrai chat, et un réseau qui connaît onze choses, dont le chat et le chien. Demandez aussi le chien, qu'il ne voit presque pas ici (dans une cellule, `photographed.target = "dog"`), et comparez : **quelle carte a encore l'air d'un chat ?**

# %% [markdown] tags=["en"]
# The slide's sentence is true in part. The **pattern** of guided backpropagation on the cat is nearly the same, whether the cat is asked for or the dog (06.2): to the eye, the map of the dog still shows a cat. The **strength** of the map, though, depends on the class on our network (06.3): it is greater on the animal that is asked for. But when the dog is asked for, what is left on the cat still exceeds the room it takes up (06.4). It is deconvolution that does not tell the two animals apart (06.5). Grad-CAM, which takes the gradient at a deep layer and not at the pixels, changes place with the class (06.6); that is notebook 07.
#
# Where does this common pattern come from? Nie, Zhang and Patel (2018) proved that guided backpropagation recovers the picture in part. Adebayo and colleagues (2018) saw it nearly unchanged on a network whose last layers were random. Both results are about other networks than ours; in VGG16 three dense layers follow the convolutions, whereas here the weights of a single layer choose the maps of the class.
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
# « Trop de bruits », dit la diapositive. Mettons-y un nombre. Sur une photo ou un dessin, deux pixels voisins se ressemblent. Deux pixels voisins d'une carte devraient aussi se ressembler, si la carte dessine des objets. Mesurons la corrélation entre chaque pixel et son voisin de droite.

# %% [markdown] tags=["en"]
# ## Saliency is noisy
#
# “Too much noise”, says the slide. Let us put a number to it. In a photograph or a drawing, two neighbouring pixels look alike. Two neighbouring pixels of a map should look alike too, if the map draws objects. We measure the correlation between each pixel and its neighbour on the right.

# %%
signed = for_cat.heatmap("sum")[0]


def neighbours(values):
    return np.corrcoef(values[:, :-1].ravel(), values[:, 1:].ravel())[0, 1]


say("06.noisy", picture=neighbours(image[0].mean(axis=-1)), saliency=neighbours(signed))
claim(
    "06.7",
    "06.claim.noisy",
    [neighbours(one) for one in saliency(creatures, pictures, "cat").heatmap("sum")],
    at_most=0.5,
    pictures=np.mean([neighbours(one.mean(axis=-1)) for one in pictures.astype(float)]),
)

# %% [markdown] tags=["fr"]
# Une explication courante : le score est une fonction affine par morceaux, un morceau par combinaison de ReLU actives, et la pente change d'un coup d'un morceau à l'autre. Le gradient donne la pente du seul morceau où l'on se trouve. **SmoothGrad** (Smilkov, Thorat, Kim, Viégas et Wattenberg, 2017) demande plutôt la pente moyenne des environs : on ajoute du bruit à l'image, on prend le gradient, on recommence, on fait la moyenne.
#
# ### Exercice 2 : SmoothGrad à partir de la saillance
#
# - `gradient(pictures)` donne le gradient d'un lot `(N, H, W, C)`, de même forme ;
# - `x` est une image `(H, W, C)` ; le résultat a sa forme ;
# - `noise` est l'écart type d'un bruit gaussien, `samples` le nombre de copies, `rng` un générateur de NumPy.

# %% [markdown] tags=["en"]
# A usual explanation: the score is a piecewise linear function, with a piece for each combination of active ReLUs, and the slope changes at once from one piece to the next. The gradient gives the slope of the one piece on which the picture lies. **SmoothGrad** (Smilkov, Thorat, Kim, Viégas and Wattenberg, 2017) asks for the mean slope of the neighbourhood instead: add noise to the picture, take the gradient, start again, take the mean.
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
# La dernière colonne refait chaque carte après avoir ajouté à l'image un bruit de 2 %, qui ne change guère la réponse et se voit à peine. La première ligne est la saillance : l'ordre de ses pixels en est très changé. Sur cette image, plus SmoothGrad met de bruit, plus sa carte est stable. Mais l'autre colonne ne suit pas : à trop de bruit, on moyenne les pentes d'images de plus en plus loin de la nôtre. Et rien ne dit qu'une carte plus lisse ou plus stable soit plus fidèle au réseau : cela se mesure, au notebook 09.
#
# ## Les gradients saturent
#
# Un second défaut n'a rien à voir avec le bruit. Voici le plus petit réseau qui le montre, celui de la diapositive : $y = \min(i_1 + i_2, 1)$, écrit avec une ReLU. Au point $(1, 1)$, la sortie vaut 1. Qui en est la cause ? **Que dira le gradient ?**

# %% [markdown] tags=["en"]
# The last column makes each map again after 2% noise was added to the picture, which hardly changes the answer and can hardly be seen. The first line is saliency: the order of its pixels is much changed. On this picture, the more noise SmoothGrad adds, the more stable its map. But the other column does not follow: with too much noise, the slopes that are averaged are those of pictures further and further from ours. And nothing says that a smoother or a more stable map is more faithful to the network: that is measured in notebook 09.
#
# ## Gradients saturate
#
# A second flaw has nothing to do with noise. Here is the smallest network that shows it, the slide's: $y = \min(i_1 + i_2, 1)$, written with a ReLU. At the point $(1, 1)$ the output is 1. What is the cause? **What will the gradient say?**

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
# Selon le gradient, aucune des deux entrées : au point où nous sommes, un petit changement ne change plus la sortie. C'est exact, et ce n'est pas une explication. Notre réseau de créatures sature-t-il aussi ? Faisons apparaître l'image peu à peu, d'un gris uni ($\alpha = 0$) à elle-même ($\alpha = 1$). Jusqu'ici nous avons expliqué le **score** $S$ (le logit) ; la **probabilité** est $p = \sigma(S)$, donc $\partial p / \partial x = p\,(1-p)\, \partial S / \partial x$. Suivons les deux, et la taille de leurs gradients.

# %% [markdown] tags=["en"]
# According to the gradient, neither input: at the point where we are, a small change no longer changes the output. That is exact, and it is no explanation. Does our creatures network saturate as well? Let the picture appear little by little, from plain grey ($\alpha = 0$) to itself ($\alpha = 1$). So far we have explained the **score** $S$ (the logit); the **probability** is $p = \sigma(S)$, hence $\partial p / \partial x = p\,(1-p)\, \partial S / \partial x$. We follow both, and the sizes of their gradients.

# %%
grey = np.full_like(image, 0.5)
alphas = np.array([0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0], "float32")
path = grey + alphas.reshape(-1, 1, 1, 1) * (image - grey)
sizes = {
    output: np.abs(saliency(creatures, path, "cat", output=output).values).sum(axis=(1, 2, 3))
    for output in ("logit", "probability")
}
Table(
    {
        "06.table.alpha": alphas,
        "06.table.score": creatures.logits(path)[:, 0],
        "06.table.score_size": sizes["logit"] / sizes["logit"].max(),
        "06.table.probability": creatures.predict(path).probabilities[:, 0],
        "06.table.size": sizes["probability"] / sizes["probability"].max(),
    },
    [".1f", ".1f", ".0%", ".0%", ".0%"],
)

# %%
# fr: Soixante chats, à la fin du chemin ; le gradient de la probabilité suit de celui du score.
# en: Sixty cats, at the end of the path; the gradient of the probability follows from that of the score.
ends = [0.5 + alpha * (creatures.preprocess(pictures) - 0.5) for alpha in alphas[3:]]
of_score = np.array([np.abs(saliency(creatures, one, "cat").values).sum(axis=(1, 2, 3)) for one in ends])
likely = np.array([creatures.predict(one).probabilities[:, 0] for one in ends])
of_probability = of_score * likely * (1 - likely)
claim("06.8", "06.claim.saturates", of_probability[-1] / of_probability.max(axis=0), at_most=0.5)
claim("06.9", "06.claim.score_does_not", of_score[-1] / of_score.max(axis=0), at_least=0.5)

# %% [markdown] tags=["fr"]
# La probabilité monte en chemin, et c'est là que son gradient est grand ; à l'arrivée, il n'en reste qu'une petite part. Mais c'est la sigmoïde qui sature : le gradient du score, lui, garde la plus grande part de sa taille. C'est une raison d'expliquer le score plutôt que la probabilité. Un réseau peut aussi saturer plus tôt, dans ses ReLU, comme celui de la diapositive, et alors le score n'y échappe pas. D'où l'idée des **gradients intégrés** (Sundararajan, Taly et Yan, 2017) : additionner les gradients de tout le chemin depuis une image de référence $x'$, et non de sa seule fin.
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
# The probability rises on the way, and that is where its gradient is large; on arrival only a small part of it is left. But it is the sigmoid that saturates: the gradient of the score keeps most of its size. That is a reason to explain the score rather than the probability. A network may also saturate earlier, in its ReLUs, as the slide's does, and then the score is concerned too. Hence the idea of **integrated gradients** (Sundararajan, Taly and Yan, 2017): add up the gradients of the whole way from a baseline picture $x'$, and not of its end alone.
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
claim("06.10", "06.claim.black", on_black, at_least=0.5, grey=on_grey)

# %% [markdown] tags=["fr"]
# Sur une image toute noire, où il n'y a aucun animal, ce réseau répond « chat » : aucune image d'entraînement n'était noire. Les gradients intégrés additionnent la hausse du score depuis la référence ; depuis le noir, où la probabilité est déjà haute, il reste peu à expliquer. La référence fait partie de la question posée : il faut la choisir, et la dire.
#
# ## Ce qu'il faut retenir
#
# - Un gradient répond exactement à une question étroite : de combien le score change-t-il si ce pixel change un peu, **ici** ? Sa carte est bruitée (06.7), et celle de la probabilité disparaît presque où la sigmoïde sature (06.8) ; celle du score, non (06.9).
# - Déconvolution et rétropropagation guidée changent la rétropropagation des ReLU. La déconvolution ne distingue pas les deux classes (06.5) ; la rétropropagation guidée garde le même motif (06.2) et change de force (06.3). Une carte nette n'est pas pour autant une carte juste.
# - SmoothGrad moyenne les gradients des environs ; les gradients intégrés, ceux d'un chemin, et se vérifient par leur somme. Ils dépendent de la référence, et le noir n'est pas toujours neutre (06.10).
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
# On an all-black picture, which holds no animal, this network answers “cat”: no training picture was black. Integrated gradients add up the rise of the score from the baseline; from black, where the probability is high already, little is left to explain. The baseline is part of the question that is asked: it must be chosen, and stated.
#
# ## What to remember
#
# - A gradient gives an exact answer to a narrow question: by how much does the score change if this pixel changes a little, **here**? Its map is noisy (06.7), and that of the probability nearly vanishes where the sigmoid saturates (06.8); that of the score does not (06.9).
# - Deconvolution and guided backpropagation change the backward pass of the ReLUs. Deconvolution does not tell the two classes apart (06.5); guided backpropagation keeps the same pattern (06.2) and changes its strength (06.3). A sharp map is not for that a right one.
# - SmoothGrad averages the gradients of a neighbourhood; integrated gradients those of a path, and are checked by their sum. They depend on the baseline, and black is not always neutral (06.10).
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
