# ---
# jupyter:
#   course:
#     title:
#       fr: "Les unités : ce qui les active, et l'effet de leur absence"
#       en: "Units: what activates them, and the effect of their absence"
#     minutes: 75
#     before: [02_convnet_recap, 10_activation_maximization]
#     part: inside
#     level: 2
#     slides:
#       fr: "images qui activent le plus une unité, filtres morts, filtres bruités"
#       en: "pictures that most activate a unit, dead filters, noisy filters"
# ---

# %% [markdown] tags=["fr"]
# Un réseau est fait d'unités : des filtres, dont chacun donne une carte. Au notebook 10, on calculait l'image qui les active le plus. Une méthode plus simple et plus ancienne consiste à **observer leurs activations**. Quelles images les activent ? De quelle partie de l'image dépendent-elles ? Comment changent-elles pendant l'entraînement ? Et que se passe-t-il si on les met à zéro ?
#
# À la fin de ce notebook, vous saurez calculer le champ récepteur d'une unité, trouver les images qui l'activent le plus, reconnaître un filtre mort, et dire quand il ne faut pas donner un nom à un neurone.

# %% [markdown] tags=["en"]
# A network is made of units: filters, each of which gives a map. In notebook 10 we computed the picture that activates them most. A simpler and older method is to **observe their activations**. Which pictures activate them? Which part of the picture do they depend on? How do they change during training? And what happens if they are set to zero?
#
# By the end of this notebook you will be able to compute the receptive field of a unit, find the pictures that activate it most, recognise a dead filter, and say when a neuron should not be given a name.

# %% [markdown] tags=["fr"]
# ## Les images qui activent au maximum un neurone
#
# > Prendre un grand ensemble d'images, les passer dans le réseau, et garder la trace de celles qui activent le plus un neurone (Girshick et coll., 2014).
#
# Voici 240 créatures, et cinq unités, de la première couche à la dernière ; chaque ligne montre les six morceaux d'image qui excitent le plus une unité. **Pariez d'abord** : que chercheront les premières ? Et les dernières ?

# %% [markdown] tags=["en"]
# ## The pictures that most activate a neuron
#
# > Take a large set of pictures, pass them through the network, and keep track of those that most activate a neuron (Girshick et al., 2014).
#
# Here are 240 creatures and five units, from the first layer to the last; each row shows the six patches that most excite one unit. **Place your bet first**: what will the first ones look for? And the last ones?

# %%
import keras
import numpy as np

from xai_widgets import ActivationBrowser, FilterBrowser, TrainingScrubber, UnitExplorer, load_history, load_model
from xai_widgets.course import DescribedFigure, Table, claim, exercise, say
from xai_widgets.course.display.map_figures import compare_maps
from xai_widgets.datasets.creatures import sample_batch
from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.methods.units.ablation import ablation_effect
from xai_widgets.methods.units.deconvnet import project_unit
from xai_widgets.methods.units.filters import filters
from xai_widgets.methods.units.receptive_fields import receptive_field
from xai_widgets.methods.units.top_patches import top_patches
from xai_widgets.methods.units.training_recorder import TrainingRecorder, record_history
from xai_widgets.plots.unit_figures import patches_figure, shares_figure

creatures = load_model("creatures")
batch = sample_batch(240, seed=21)
pictures, classes = batch.pictures, batch.labels[:, 0]
shown = {"conv1_1": 4, "conv2_1": 3, "conv3_1": 6, "conv4_1": 5, "conv4_2": 3}
rows = {}
for layer, unit in shown.items():
    found = top_patches(creatures, pictures, layer, units=[unit], count=6)
    rows[f"{layer} {unit}"] = [patch / 255 for patch in found.cut_out(pictures, unit)]
DescribedFigure(patches_figure(rows), "12.patches_text")

# %% [markdown] tags=["fr"]
# Les couches peu profondes voient des bords et des couleurs, dans de tout petits morceaux ; les profondes, des parties d'animaux, dans de grands. Pourquoi si grands ?
#
# ## Le champ récepteur
#
# Une unité ne voit pas toute l'image : seulement ce que son filtre, les filtres d'avant et les mises en commun lui apportent. C'est son **champ récepteur**, et il se calcule sans rien exécuter, avec des nombres entiers.

# %% [markdown] tags=["en"]
# Shallow layers see edges and colours, in tiny patches; deep ones see parts of animals, in large patches. Why so large?
#
# ## The receptive field
#
# A unit does not see the whole picture: only what its filter, the filters before it and the poolings bring to it. This is its **receptive field**, and it can be computed without running anything, in whole numbers.

# %%
layers = ["conv1_1", "conv2_1", "conv3_1", "conv3_2", "conv4_1", "conv4_2"]
fields = [receptive_field(creatures, layer) for layer in layers]
Table(
    {
        "table.layer": layers,
        "table.field": [f"{one.size[0]} × {one.size[1]}" for one in fields],
        "table.jump": [one.jump[0] for one in fields],
    }
)

# %% [markdown] tags=["fr"]
# Est-ce vrai ? Remplaçons par du bruit tout ce qui est **hors** du champ d'une case : son activation ne doit pas bouger.

# %% [markdown] tags=["en"]
# Is it true? Let us replace everything **outside** of the field of one place by noise: its activation must not move.

# %%
best = top_patches(creatures, pictures, "conv3_2", units=[7], count=1)
number, place = best.pictures[0, 0], best.places[0, 0]
top, left, bottom, right = best.boxes[0, 0]
noise = np.random.default_rng(0).integers(0, 256, pictures[number].shape).astype("uint8")
outside, inside = noise.copy(), pictures[number].copy()
outside[top:bottom, left:right] = pictures[number][top:bottom, left:right]
inside[top:bottom, left:right] = noise[top:bottom, left:right]
before, kept, lost = (
    project_unit(creatures, one, "conv3_2", 7, place=place).score[0] for one in (pictures[number], outside, inside)
)
say("12.outside", outside=abs(kept - before), inside=abs(lost - before))

# %% [markdown] tags=["fr"]
# ### Exercice 1 : ce que voit une couche
#
# Un réseau en file est une liste de couches `(kernel, stride)` : la taille du noyau et le pas, convolutions et mises en commun confondues. Une case de la carte voit `size` pixels de côté, et sa voisine voit la même chose `jump` pixels plus loin. Écrivez `field(layers)`, qui renvoie `(size, jump)`.

# %% [markdown] tags=["en"]
# ### Exercise 1: what a layer sees
#
# A network in a row is a list of layers `(kernel, stride)`: the size of the kernel and the stride, for convolutions and poolings alike. A place of the map sees `size` pixels a side, and its neighbour sees the same `jump` pixels further on. Write `field(layers)`, which returns `(size, jump)`.


# %% exercise="12.field"
def field(layers):
    ### BEGIN SOLUTION
    # fr: Un noyau s'étend sur kernel - 1 intervalles, de `jump` pixels chacun ; le pas écarte les cases de la sortie.
    # en: A kernel stretches over kernel - 1 intervals of `jump` pixels each; the stride spreads the places of the output.
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size, jump
    ### END SOLUTION


# %% check="12.field" points=3
exercise("12.field").check(field)

# %%
if exercise("12.field").passed:
    conv, pool = (3, 1), (2, 2)
    vgg16 = [*[conv] * 2, pool, *[conv] * 2, pool, *[conv] * 3, pool, *[conv] * 3, pool, *[conv] * 3, pool]
    stack = [keras.layers.MaxPooling2D() if one == pool else keras.layers.Conv2D(1, 3, padding="same") for one in vgg16]
    # fr: Un réseau de même géométrie, pour comparer.
    # en: A network of the same geometry, to compare with.
    twin = keras.Sequential([keras.Input((224, 224, 1)), *stack])
    known = receptive_field(twin, stack[-1].name)
    size, jump = field(vgg16)
    say("12.vgg", size=size, jump=jump, same=f"{known.size[0]}, {known.jump[0]}")
else:
    say("12.field_first")

# %% [markdown] tags=["fr"]
# ## Explorer une unité
#
# Le labo réunit tout ce qu'on peut demander à une unité : les morceaux qui l'excitent, l'image entière avec le cadre de ce qu'elle voit, l'image fabriquée pour elle, le concept avec lequel elle s'accorde le mieux (par la dissection), et ce que devient le score des classes quand on l'éteint. Cherchez :
#
# 1. une unité dont les neuf morceaux se ressemblent. Que voit-elle, selon vous ? L'image fabriquée est-elle d'accord ?
# 2. une unité dont les morceaux n'ont rien en commun ;
# 3. une unité de `conv4_2` qui parle pour une classe et contre une autre. Est-ce celle que nomme la dissection ?

# %% [markdown] tags=["en"]
# ## Explore a unit
#
# The lab brings together all that one may ask a unit: the patches that excite it, the whole picture with a frame around what it sees, the picture that is made for it, the concept that it agrees with best (by dissection), and what becomes of the class scores when it is switched off. Look for:
#
# 1. a unit whose nine patches look alike. What does it see, do you think? Does the picture that was made agree?
# 2. a unit whose patches have nothing in common;
# 3. a unit of `conv4_2` that speaks for one class and against another. Is it the class that the dissection names?

# %%
explorer = UnitExplorer(creatures, pictures, layer="conv4_2", unit=3, steps=48)
explorer

# %% [markdown] tags=["fr"]
# ### Revenir à l'image
#
# Le cadre dit *où* l'unité regarde, pas *quoi*. Zeiler et Fergus (2013) ramènent une seule activation jusqu'à l'image, toutes les autres mises à zéro : les filtres transposés, les aiguillages des mises en commun, et à chaque ReLU le négatif coupé. À droite, deux autres façons de traverser les ReLU (notebook 06).

# %% [markdown] tags=["en"]
# ### Back to the picture
#
# The frame says *where* the unit looks, not *what* at. Zeiler and Fergus (2013) carry a single activation back to the picture, all others set to zero: filters transposed, pooling by its switches, and at each ReLU what is negative cut off. On the right, two other ways through the ReLUs (notebook 06).

# %%
seen = top_patches(creatures, pictures, "conv4_1", units=[5], count=1).pictures[0, 0]
ways = ("deconvolution", "guided_backprop", "gradient")
carried = {way: project_unit(creatures, pictures[seen], "conv4_1", 5, way=way).values[0].sum(axis=-1) for way in ways}
DescribedFigure(compare_maps(carried, pictures[seen], shared=False).figure, "12.projection_text")

# %% [markdown] tags=["fr"]
# ## Un neurone a-t-il un sens ?
#
# > Les neurones ReLU n'ont pas nécessairement de sens sémantique par eux-mêmes.
#
# Il est tentant de nommer une unité d'après ses images : « celle des oreilles ». Szegedy et ses collègues (2013) ont fait remarquer qu'une **direction au hasard** dans l'espace des activations donne des images qui se ressemblent tout autant. Bau et ses collègues (2017) répondent que, comptées avec des concepts précis, les unités font mieux que des bases tournées au hasard. Mesurons, simplement : parmi les neuf images qui activent le plus une unité, quelle part est de la même classe ?
#
# ### Exercice 2 : la pureté
#
# `pictures` est un tableau `(U, k)` : pour chaque unité, les numéros des k images qui l'activent le plus. `classes[n]` est la classe de l'image n. Renvoyez, pour chaque unité, la part de la classe la plus fréquente parmi ses images.

# %% [markdown] tags=["en"]
# ## Does a neuron have a meaning?
#
# > ReLU neurons do not necessarily have a semantic meaning by themselves.
#
# It is tempting to name a unit after its pictures: “the one of the ears”. Szegedy and colleagues (2013) pointed out that a **random direction** in the space of activations gives pictures that are just as alike. Bau and colleagues (2017) answer that, counted with precise concepts, units do better than bases turned at random. Let us measure, in a simple way: among the nine pictures that activate a unit most, which share is of the same class?
#
# ### Exercise 2: purity
#
# `pictures` is an array `(U, k)`: for each unit the numbers of the k pictures that activate it most. `classes[n]` is the class of picture n. Return, for each unit, the share of the most frequent class among its pictures.


# %% exercise="12.purity"
def purity(pictures, classes):
    ### BEGIN SOLUTION
    # fr: On compte chaque classe parmi les images d'une unité.
    # en: Count each class among the pictures of a unit.
    return np.array([np.bincount(classes[row]).max() / len(row) for row in pictures])
    ### END SOLUTION


# %% check="12.purity" points=2
exercise("12.purity").check(purity)

# %% [markdown] tags=["fr"]
# « Les couches plus profondes sont plus liées à la classe » : la pureté doit monter de couche en couche.

# %% [markdown] tags=["en"]
# “Deeper layers are more tied to the class”: purity must rise from layer to layer.

# %%
if exercise("12.purity").passed:
    tops = [top_patches(creatures, pictures, layer).pictures for layer in layers]
    pure = [purity(one, classes).mean() for one in tops]
    shuffled = np.random.default_rng(0).permutation(classes)
    chance = purity(tops[-1], shuffled).mean()
    say("12.purer", first=pure[0], last=pure[-1], chance=chance)
    claim("12.1", "12.claim.purer", purity(tops[-1], classes), at_least=pure[0], chance=chance)
else:
    say("12.purity_first")

# %% [markdown] tags=["fr"]
# Et les directions au hasard ? On tourne la base de la dernière couche par trois rotations tirées au sort : 128 directions à chaque fois, en place des 128 unités.

# %% [markdown] tags=["en"]
# And random directions? Let us turn the basis of the last layer by three rotations drawn at random: 128 directions each time, in place of the 128 units.

# %% tags=["nbval-ignore-output"]
if exercise("12.purity").passed:
    turned = []
    for seed in range(3):
        rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(128, 128)))[0]
        along = top_patches(creatures, pictures, "conv4_2", directions=rotation).pictures
        turned.append(purity(along, classes).mean())
    say("12.rotations", rotations=sum(one >= pure[-1] for one in turned), count=len(turned))
    names = ["12.units", *["12.rotation"] * 3, "12.chance"]
    table = Table({"table.basis": names, "table.purity": [pure[-1], *turned, chance]}, ["", ".0%"])
else:
    table = None
    say("12.purity_first")
table

# %% [markdown] tags=["fr"]
# Dans ce réseau et pour cette mesure, une direction quelconque vaut une unité, comme l'écrivaient Szegedy et ses collègues. La pureté ne dit pas quelle partie de l'animal active l'unité ; c'est ce que fait la dissection (notebook 11), qui compte les concepts, et où les unités peuvent l'emporter. Avant de nommer un neurone, comparez-le à une direction au hasard.
#
# ## Mettre une unité à zéro
#
# S'activer pour une classe ne veut pas dire contribuer à son score. Pour mesurer l'**effet** d'une unité, on la met à zéro (ablation), et on regarde de combien baisse le score de chaque classe.

# %% [markdown] tags=["en"]
# In this network and by this measure, any direction is as good as a unit, as Szegedy and colleagues wrote. Purity does not tell which part of the animal activates the unit; dissection does (notebook 11), which counts concepts, and where units may win. Before you name a neuron, compare it with a random direction.
#
# ## Set a unit to zero
#
# To be active for a class does not mean to contribute to its score. To measure the **effect** of a unit, set it to zero (ablation), and see by how much the score of each class falls.

# %%
cat = creatures.index("cat")
is_cat = classes == cat
falls = ablation_effect(creatures, pictures[is_cat], "conv4_2")[:, :, cat].mean(axis=0)
say("12.speaks", unit=int(falls.argmin()), change=-falls.min())

# %%
chosen = np.argsort(falls)[:12]
without = creatures.logits(pictures) + ablation_effect(creatures, pictures, "conv4_2", [chosen])[:, 0]
right = without.argmax(axis=1) == classes
say("12.ablated", units=len(chosen), cats=right[is_cat].mean(), others=right[~is_cat].mean())
claim("12.2", "12.claim.others", right[~is_cat], at_least=0.8)

# %% [markdown] tags=["fr"]
# ## Les activations pendant le passage d'une image
#
# Passons au réseau des chiffres. Choisissez une image et descendez les couches. Une carte toute noire est barrée : l'unité est **muette** pour cette image. Si elle l'est pour toutes les images du jeu de test, elle est **morte**. Trouvez-vous une couche qui en a ?

# %% [markdown] tags=["en"]
# ## Activations while a picture passes
#
# Let us turn to the network of digits. Choose a picture and go down the layers. A map that is black all over is crossed out: the unit is **silent** for this picture. If it is silent for all pictures of the test set, it is **dead**. Can you find a layer that has some?

# %%
reader = load_model("digits")
test_images, test_digits = digits_split("test")
browser = ActivationBrowser(reader, "digit-3", layer="conv1", watched=test_images)
browser

# %% [markdown] tags=["fr"]
# ### Exercice 3 : les filtres morts
#
# Écrivez `dead(activations)` : d'activations `(N, h, w, C)` pour N images, renvoyez un tableau de C booléens, vrai là où l'unité ne répond **jamais**.

# %% [markdown] tags=["en"]
# ### Exercise 3: dead filters
#
# Write `dead(activations)`: from activations `(N, h, w, C)` for N pictures, return an array of C booleans, true where the unit **never** answers.


# %% exercise="12.dead"
def dead(activations):
    ### BEGIN SOLUTION
    # fr: Ni dans une image, ni à une place : même la plus grande valeur n'est pas au-dessus de 0.
    # en: In no picture, at no place: even the largest value is not above 0.
    return activations.max(axis=(0, 1, 2)) <= 0
    ### END SOLUTION


# %% check="12.dead" points=2
exercise("12.dead").check(dead)

# %%
if exercise("12.dead").passed:
    inner = keras.Model(reader.model.inputs[0], reader.model.get_layer("conv4").output)
    maps = inner.predict_on_batch(test_images)
    silent, never = dead(maps[:1]), dead(maps)
    say("12.silent_note", silent=int(silent.sum()), units=len(silent), count=len(maps), dead=int(never.sum()))
else:
    say("12.dead_first")

# %% [markdown] tags=["fr"]
# ## Les activations pendant l'entraînement
#
# > Les activations commencent généralement par être relativement denses ; à mesure que l'entraînement avance, elles deviennent plus clairsemées et localisées.
#
# Le réseau des créatures a gardé ses poids à sept moments de son apprentissage. Mesurons. *Clairsemé* : la part de zéros. *Localisé* : l'**étendue** d'une carte, $\left(\overline{|a|}\right)^2 / \overline{a^2}$, qui vaut 1 quand toutes les places répondent autant, et $m/n$ quand $m$ places sur $n$ répondent seules.

# %% [markdown] tags=["en"]
# ## Activations during training
#
# > Activations usually begin relatively dense; as training goes on they become sparser and more localised.
#
# The creatures network has kept its weights at seven moments of its training. Let us measure. *Sparse*: the share of zeros. *Localised*: the **spread** of a map, $\left(\overline{|a|}\right)^2 / \overline{a^2}$, which is 1 when all places answer alike, and $m/n$ when $m$ places of $n$ answer alone.

# %%
record = record_history(load_history("creatures"), pictures[:4], pictures[:48])
curves = {what: {layer: record.curve(layer, what) for layer in record.layers} for what in ("sparsity", "spread")}
sparser = sum(bool(one[-1] > one[0]) for one in curves["sparsity"].values())
local = sum(bool(one[-1] < one[0]) for one in curves["spread"].values())
say("12.local", local=local, sparse=sparser, layers=len(record.layers))
titles = {"units.sparsity": curves["sparsity"], "units.spread": curves["spread"]}
DescribedFigure(shares_figure(record.batches, titles, "units.batches"), "12.learning_text")

# %% [markdown] tags=["fr"]
# Ici, les cartes de toutes les couches deviennent plus localisées ; celles de certaines couches seulement deviennent plus clairsemées. Un seul réseau ne permet pas d'en faire une loi. Parcourez l'entraînement vous-même, couche par couche : quand les cartes commencent-elles à montrer quelque chose ?

# %% [markdown] tags=["en"]
# Here the maps of all layers become more localised; only those of some layers become sparser. A single network does not make a law of it. Run through the training yourself, layer by layer: when do the maps begin to show something?

# %%
scrubber = TrainingScrubber(record, model=creatures, layer="conv3_1")
scrubber

# %% [markdown] tags=["fr"]
# ## Un taux d'apprentissage trop grand tue des filtres
#
# > Certaines cartes peuvent être toutes nulles pour de nombreuses entrées, ce qui peut indiquer des filtres morts et être le symptôme de taux d'apprentissage élevés.
#
# Entraînons en direct un petit réseau sur les chiffres, avec trois taux d'apprentissage. Un « callback » de Keras note ce que font ses unités.

# %% [markdown] tags=["en"]
# ## Too large a learning rate kills filters
#
# > Some maps may be all zero for many inputs, which may point to dead filters, a symptom of high learning rates.
#
# Let us train a small network live on the digits, at three learning rates. A Keras callback notes what its units do.


# %%
images, digits = digits_split("train")


def small_net(decay=0.0):
    keras.utils.set_random_seed(0)
    first = keras.layers.Conv2D(
        16, 5, padding="same", activation="relu", kernel_regularizer=keras.regularizers.L2(decay), name="conv1"
    )
    rest = [keras.layers.MaxPooling2D(), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    return keras.Sequential([keras.Input((8, 8, 1)), first, *rest])


def train(net, rate, epochs, callbacks=()):
    net.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    net.fit(images, digits, batch_size=64, epochs=epochs, verbose=0, callbacks=list(callbacks))
    return net


# %% tags=["nbval-ignore-output"]
rates, deaths, rights = (0.003, 0.03, 0.3), [], []
for rate in rates:
    recorder = TrainingRecorder(test_images[:3], test_images, ["conv1"], every=21)
    net = train(small_net(), rate, 3, [recorder])
    deaths.append(int(recorder.record.moments[-1].statistics["conv1"].dead.sum()))
    rights.append(float((net.predict_on_batch(test_images).argmax(axis=1) == test_digits).mean()))
say("12.killed", high=rates[-1], dead_high=deaths[-1], filters=16, low=rates[0], dead_low=deaths[0])
Table(
    {"table.rate": rates, "table.dead_share": [one / 16 for one in deaths], "table.right": rights},
    [".3f", ".0%", ".0%"],
)

# %% [markdown] tags=["fr"]
# Un très grand pas peut rendre le biais d'une unité si négatif que sa ReLU vaut zéro pour toutes les images ; le gradient de ses propres poids est alors nul. Est-ce définitif ? Dans la **première** couche, oui, ou presque : son entrée ne change pas, et seuls l'inertie de l'optimiseur (Adam continue quelques pas sur sa lancée) ou une pénalité sur les poids la déplacent encore. Dans une couche plus profonde, les couches d'avant changent, donc son entrée aussi, et elle peut redevenir active. On peut enfin la réinitialiser (notebook 14). Mesurons-le : le réseau au plus grand taux, entraîné de nouveau avec le plus petit.

# %% [markdown] tags=["en"]
# A very large step may make a unit's bias so negative that its ReLU is zero for all pictures; the gradient of its own weights is zero then. Is this for good? In the **first** layer it is, or nearly: its input does not change, and only the momentum of the optimiser (Adam goes on for a few steps) or a penalty on the weights still moves it. In a deeper layer, the layers before it change, and so does its input, and it may become active again. And one can initialise it anew (notebook 14). Let us measure: the network of the largest rate, trained again at the smallest one.


# %% tags=["nbval-ignore-output"]
def dead_units(net):
    inner = keras.Model(net.inputs[0], net.get_layer("conv1").output)
    return np.asarray(inner(images)).max(axis=(0, 1, 2)) <= 0


before = dead_units(net)
after = dead_units(train(net, rates[0], 6))
say("12.revived", dead=int(before.sum()), revived=int((before & ~after).sum()))

# %% [markdown] tags=["fr"]
# ## Les filtres eux-mêmes
#
# > Des réseaux bien formés affichent généralement des filtres lisses, sans motifs bruyants. Le bruit peut indiquer un réseau pas assez entraîné, ou une régularisation trop faible.
#
# Mesurons la **régularité** d'un filtre : pour toutes les paires de poids voisins, $2\sum ab \,/ \sum (a^2 + b^2)$. Elle vaut 1 pour un aplat, 0 environ pour des poids au hasard, −1 pour un damier. Trois entraînements côte à côte, le même réseau, le même départ :

# %% [markdown] tags=["en"]
# ## The filters themselves
#
# > Well-trained networks usually show smooth filters without noisy patterns. Noise may point to a network trained too little, or to too weak a regularisation.
#
# Let us measure how **smooth** a filter is: over all pairs of neighbouring weights, $2\sum ab \,/ \sum (a^2 + b^2)$. It is 1 for a flat one, about 0 for random weights, −1 for a chessboard. Three trainings side by side, the same network, the same start:

# %% tags=["nbval-ignore-output"]
nets = {
    "12.few": train(small_net(), 0.003, 1),
    "12.long": train(small_net(), 0.003, 15),
    "12.decayed": train(small_net(0.02), 0.003, 15),
}
sets = {name: filters(net, "conv1") for name, net in nets.items()}
smooth = [float(np.average(one.smoothness, weights=one.norms**2)) for one in sets.values()]
Table({"table.training": list(sets), "table.smoothness": smooth}, ["", ".2f"])

# %%
rows = {name: list(one.pictures()[np.argsort(-one.norms)[:8]]) for name, one in sets.items()}
DescribedFigure(patches_figure(rows), "12.filters_text")

# %% [markdown] tags=["fr"]
# Dans le premier réseau, les filtres gardent le bruit de l'initialisation après un seul passage sur les chiffres. L'entraînement les rend plus réguliers ; la pénalité sur les poids davantage, car elle ramène vers zéro ceux qui ne diminuent pas la perte. C'est le résultat d'un entraînement de chaque sorte ; refaites-le avec une autre graine.
#
# Comparez avec les filtres du réseau des créatures. Seuls ceux de la première couche se lisent comme des images : ils ont trois canaux, rouge, vert et bleu. Plus loin, on montre le motif que leurs canaux partagent le plus.

# %% [markdown] tags=["en"]
# In the first network the filters keep the noise of the initialisation after a single pass over the digits. Training makes them smoother; the penalty on the weights does so further, for it brings back to zero those that do not lower the loss. This is the result of one training of each kind; do it again with another seed.
#
# Compare with the filters of the creatures network. Only those of the first layer read like pictures: they have three channels, red, green and blue. Further on, what is shown is the pattern that their channels share most.

# %%
filter_browser = FilterBrowser(creatures)
filter_browser

# %% [markdown] tags=["fr"]
# ## Améliorer une architecture en regardant ses filtres
#
# « Aider à proposer de meilleures architectures », dit la diapositive des besoins. Zeiler et Fergus (2013) l'ont fait : dans la première couche d'AlexNet (filtres de 11 pixels, pas de 4), ils ont vu peu de fréquences moyennes et des filtres morts, et dans la deuxième des motifs de repliement (*aliasing*), dus au grand pas. Ils ont réduit les filtres à 7 pixels et le pas à 2, et l'erreur a baissé.
#
# Refaisons la réparation à notre échelle, sur les chiffres de 8 pixels : un noyau de 5 et un pas de 4, puis un noyau de 3 et un pas de 2, le reste étant le même. Six entraînements de chaque, avec les mêmes graines.

# %% [markdown] tags=["en"]
# ## Improving an architecture by looking at its filters
#
# “Help to propose better architectures”, says the slide of needs. Zeiler and Fergus (2013) did so: in the first layer of AlexNet (filters of 11 pixels, stride 4) they saw few middle frequencies and dead filters, and in the second one aliasing patterns, caused by the large stride. They reduced the filters to 7 pixels and the stride to 2, and the error fell.
#
# Let us do the repair again at our scale, on the digits of 8 pixels: a kernel of 5 and a stride of 4, then a kernel of 3 and a stride of 2, the rest being the same. Six trainings of each, with the same seeds.


# %%
def strided_net(kernel, stride, seed):
    keras.utils.set_random_seed(seed)
    first = keras.layers.Conv2D(16, kernel, stride, padding="same", activation="relu", name="conv1")
    rest = [keras.layers.Conv2D(16, 3, padding="same", activation="relu"), keras.layers.Flatten()]
    return keras.Sequential([keras.Input((8, 8, 1)), first, *rest, keras.layers.Dense(10, "softmax")])


def accuracy(net):
    return float((np.asarray(net(test_images)).argmax(axis=1) == test_digits).mean())


# %% tags=["nbval-ignore-output"]
geometry = {"12.coarse": (5, 4), "12.repaired": (3, 2)}
trained = {name: [train(strided_net(*shape, seed), 0.003, 5) for seed in range(6)] for name, shape in geometry.items()}
reached = {name: np.array([accuracy(net) for net in nets]) for name, nets in trained.items()}
Table(
    {"12.first_layer": list(reached), "table.right": [one.mean() for one in reached.values()]},
    ["", ".1%"],
    caption="12.caption_repair",
)

# %% tags=["nbval-ignore-output"]
claim("12.3", "12.claim.repair", reached["12.repaired"] - reached["12.coarse"], at_least=0)

# %% [markdown] tags=["fr"]
# Le réseau réparé est meilleur, mais les filtres n'ont donné que l'**hypothèse** ; la comparaison, graine par graine, la vérifie. Notez que le réseau réparé calcule aussi davantage : quatre fois plus de places dans la première carte. Une partie du gain peut venir de là, comme chez Zeiler et Fergus. Et la conclusion ne vaut que pour cette architecture : remplacez `Flatten` par `GlobalMaxPooling2D`, qui oublie les positions, et comparez de nouveau.

# %% [markdown] tags=["en"]
# The repaired network is better, but the filters only gave the **hypothesis**; the comparison, seed by seed, verifies it. Note that the repaired network also computes more: four times as many places in the first map. A part of the gain may come from there, as for Zeiler and Fergus. And the conclusion holds for this architecture alone: put `GlobalMaxPooling2D`, which forgets positions, in place of `Flatten`, and compare again.

# %% [markdown] tags=["fr"]
# ## Ce qu'il faut retenir
#
# - Le champ récepteur se calcule : à chaque couche s'ajoute le noyau moins un, fois le saut.
# - Les images qui activent le plus une unité montrent avec quoi elle s'active, et non ce qui l'active ; il faut un grand jeu d'images.
# - Une direction au hasard peut avoir la même pureté qu'une unité : comparez toujours.
# - L'ablation mesure l'effet d'une unité sur les scores (12.2).
# - Une carte nulle pour une image est normale ; nulle pour toutes, l'unité est morte, ce qui peut venir d'un taux d'apprentissage trop grand. Une unité morte de la première couche le reste en général ; plus loin, elle peut redevenir active.
# - Pendant l'entraînement les activations se localisent ; des filtres bruités peuvent indiquer trop peu d'entraînement ou de régularisation.
# - Changer la première couche d'après ses filtres, puis mesurer : une hypothèse sur l'architecture se vérifie sur plusieurs entraînements (12.3).
#
# ### Sources
#
# - Ross Girshick, Jeff Donahue, Trevor Darrell, Jitendra Malik, *Rich feature hierarchies for accurate object detection and semantic segmentation*, 2014.
# - Matthew D. Zeiler, Rob Fergus, *Visualizing and Understanding Convolutional Networks*, 2013.
# - Christian Szegedy, Wojciech Zaremba, Ilya Sutskever, Joan Bruna, Dumitru Erhan, Ian Goodfellow, Rob Fergus, *Intriguing properties of neural networks*, 2013.
# - David Bau, Bolei Zhou, Aditya Khosla, Aude Oliva, Antonio Torralba, *Network Dissection: Quantifying Interpretability of Deep Visual Representations*, 2017.
# - Bolei Zhou, Yiyou Sun, David Bau, Antonio Torralba, *Revisiting the Importance of Individual Units in CNNs via Ablation*, 2018.
# - André Araujo, Wade Norris, Jack Sim, *Computing Receptive Fields of Convolutional Neural Networks*, 2019.
# - Andrej Karpathy, Justin Johnson, Fei-Fei Li, *CS231n: Visualizing what ConvNets learn*, 2016.

# %% [markdown] tags=["en"]
# ## What to remember
#
# - The receptive field can be computed: each layer adds the kernel less one, times the jump.
# - The pictures that activate a unit most show what it is active with, not what activates it; one needs a large set of pictures.
# - A random direction may have the same purity as a unit: always compare.
# - Ablation measures the effect of a unit on the scores (12.2).
# - A map that is zero for one picture is normal; zero for all of them, the unit is dead, which may come from too large a learning rate. A dead unit of the first layer usually stays so; further on it may become active again.
# - During training activations become local; noisy filters may point to too little training or regularisation.
# - Change the first layer by what its filters show, then measure: a hypothesis on the architecture is verified over several trainings (12.3).
#
# ### Sources
#
# - Ross Girshick, Jeff Donahue, Trevor Darrell, Jitendra Malik, *Rich feature hierarchies for accurate object detection and semantic segmentation*, 2014.
# - Matthew D. Zeiler, Rob Fergus, *Visualizing and Understanding Convolutional Networks*, 2013.
# - Christian Szegedy, Wojciech Zaremba, Ilya Sutskever, Joan Bruna, Dumitru Erhan, Ian Goodfellow, Rob Fergus, *Intriguing properties of neural networks*, 2013.
# - David Bau, Bolei Zhou, Aditya Khosla, Aude Oliva, Antonio Torralba, *Network Dissection: Quantifying Interpretability of Deep Visual Representations*, 2017.
# - Bolei Zhou, Yiyou Sun, David Bau, Antonio Torralba, *Revisiting the Importance of Individual Units in CNNs via Ablation*, 2018.
# - André Araujo, Wade Norris, Jack Sim, *Computing Receptive Fields of Convolutional Neural Networks*, 2019.
# - Andrej Karpathy, Justin Johnson, Fei-Fei Li, *CS231n: Visualizing what ConvNets learn*, 2016.
