# ---
# jupyter:
#   course:
#     title:
#       fr: "Déboguer un modèle : quatre réseaux, trois défauts cachés"
#       en: "Debug a model: four networks, three hidden faults"
#     minutes: 75
#     before: [01_motivation, 09_choosing, 12_units]
#     part: conclude
#     level: 3
#     slides:
#       fr: "conclusions : à quoi servent les explications"
#       en: "conclusions: what explanations are for"
# ---

# %% [markdown] tags=["fr"]
# Quatre équipes vous livrent chacune un réseau. Même architecture, mêmes huit animaux dessinés, mêmes bonnes notes. L'un est **sain**. Les trois autres cachent un défaut, chacun le sien :
#
# - un **raccourci** : une classe est reconnue à une marque collée sur ses photos, pas à l'animal ;
# - une **classe mal étiquetée** : la plupart des images d'un animal ont appris au réseau le nom d'un autre ;
# - des **unités mortes** : dans une couche, la moitié des filtres ne répond plus à rien.
#
# Lequel est lequel ? Vous avez tous les outils du cours. À la fin de ce notebook, vous aurez rendu un verdict sur chacun, preuve chiffrée à l'appui, et vous en aurez réparé un.

# %% [markdown] tags=["en"]
# Four teams hand you a network each. The same architecture, the same eight drawn animals, the same good marks. One is **sound**. The three others hide a fault, each its own:
#
# - a **shortcut**: one class is recognised by a mark stuck on its pictures, not by the animal;
# - a **mislabelled class**: most pictures of one animal have taught the network the name of another;
# - **dead units**: in one layer, half of the filters no longer answer to anything.
#
# Which is which? You have all the tools of the course. By the end of this notebook you will have given a verdict on each, with the evidence in figures, and you will have mended one.

# %% [markdown] tags=["fr"]
# ## De bons bulletins
#
# Avec son réseau, chaque équipe donne ses archives : des images qui n'ont pas servi à l'apprentissage, avec leurs noms, prises et nommées **comme les autres**. En voici une de chaque, puis les notes des quatre réseaux, chacun sur les archives de son équipe.

# %% [markdown] tags=["en"]
# ## Good marks
#
# With its network each team hands over its archive: pictures that were not used in training, with their names, taken and named **like the others**. Here is one of each, then the marks of the four networks, each on the archive of its team.

# %% tags=["cover"]
import keras
import numpy as np
from IPython.display import display

from xai_widgets import AttributionExplorer, UnitExplorer
from xai_widgets.course import ConceptTest, DescribedFigure, Table, claim, exercise, say
from xai_widgets.course.capstone import CLASSES, LAYERS, fresh_pictures, load_suspects, show_confusions, show_dead
from xai_widgets.course.display.map_figures import show_pictures
from xai_widgets.course.examples.explanation_comparison import with_interval
from xai_widgets.methods import grad_cam, relevance_mass
from xai_widgets.methods.units.unit_statistics import unit_statistics
from xai_widgets.plots.unit_figures import patches_figure

suspects = load_suspects()
archives = {letter: one.archive(240) for letter, one in suspects.items()}
show_pictures({letter: files.pictures[1] for letter, files in archives.items()})


# %%
def say_of(letter, shown):
    # fr: Ce que répond le réseau d'une lettre : des numéros de classe.
    # en: What the network of a letter answers: class numbers.
    return suspects[letter].network.predict(shown).classes


Table(
    {
        "table.letter": list(suspects),
        "14.right_archive": [(say_of(letter, one.pictures) == one.classes).mean() for letter, one in archives.items()],
    },
    ["", ".1%"],
)

# %% [markdown] tags=["fr"]
# **Pariez avant de continuer.** Un point ou deux d'écart : en signeriez-vous un plutôt qu'un autre ? Un test tiré des mêmes archives a les mêmes travers que l'apprentissage ; il ne peut pas les voir.
#
# ## Des images que personne n'a touchées
#
# Il faut donc d'autres images, d'une autre source. Dessinons-en : rien n'y est collé, et leur nom est le bon. Une seule note ne dirait pas *où* un réseau se trompe ; une **matrice de confusion** le dit.
#
# ### Exercice 1 : la matrice de confusion
#
# `truth` et `said` sont des tableaux de N numéros de classe : ce que montre chaque image, et ce que le réseau en dit. Écrivez `confusion(truth, said, count)`, qui rend un tableau `(count, count)` : à la ligne i et à la colonne j, la **part** des images de la classe i que le réseau appelle j.

# %% [markdown] tags=["en"]
# **Place your bet before you go on.** A point or two apart: would you sign for one rather than for another? A test taken from the same archive has the same flaws as the training; it cannot see them.
#
# ## Pictures that nobody has touched
#
# So we need other pictures, from another source. Let us draw some: nothing is stuck on them, and their names are right. A single mark would not tell *where* a network goes wrong; a **confusion matrix** does.
#
# ### Exercise 1: the confusion matrix
#
# `truth` and `said` are arrays of N class numbers: what each picture shows, and what the network says of it. Write `confusion(truth, said, count)`, which returns an array `(count, count)`: in row i and column j, the **share** of the pictures of class i that the network calls j.


# %% exercise="14.confusion"
def confusion(truth, said, count):
    ### BEGIN SOLUTION
    # fr: On compte les paires (vrai, dit), puis chaque ligne est divisée par son total.
    # en: Count the pairs (true, said), then divide each row by its sum.
    table = np.zeros((count, count))
    np.add.at(table, (truth, said), 1)
    return table / table.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% check="14.confusion" points=2
exercise("14.confusion").check(confusion)

# %%
fresh = fresh_pictures(320, seed=14)
tables, failing = {}, {}
if exercise("14.confusion").passed:
    tables = {letter: confusion(fresh.classes, say_of(letter, fresh.pictures), len(CLASSES)) for letter in suspects}
    # fr: La classe que le réseau connaît le moins, si elle est vraiment perdue.
    # en: The class that the network knows least, if it is really lost.
    failing = {
        letter: CLASSES[table.diagonal().argmin()] for letter, table in tables.items() if table.diagonal().min() < 0.6
    }
    shown = show_confusions(tables)
else:
    shown = say("14.confusion_first")
shown

# %% [markdown] tags=["fr"]
# Deux réseaux perdent une classe entière, et une seule. Les deux autres n'ont rien : leur défaut, si l'un en a un, n'est pas dans ces chiffres-là. **Même symptôme : même mal ?** Avant de lire plus loin, dites ce qu'on verrait dans les archives si c'était un raccourci, et si c'étaient de mauvaises étiquettes.

# %% [markdown] tags=["en"]
# Two networks lose a whole class, and only one. The two others have nothing: their fault, if one of them has any, is not in these figures. **The same symptom: the same disease?** Before you read on, say what the archives would show if it were a shortcut, and if it were wrong labels.

# %%
if failing:
    named = {letter: archives[letter].named(label) for letter, label in failing.items()}
    shown = Table(
        {
            "table.letter": list(failing),
            "14.lost": list(failing.values()),
            "14.in_archive": [len(files) for files in named.values()],
            "14.right_archive": [(say_of(letter, one.pictures) == one.classes).mean() for letter, one in named.items()],
            "14.right_fresh": [tables[letter].diagonal().min() for letter in failing],
        },
        ["", "", "", ".0%", ".0%"],
        caption="14.lost_caption",
    )
else:
    shown = say("14.confusion_first")
shown

# %% [markdown] tags=["fr"]
# Il y a trente images par classe dans 240 images, quand les noms sont bons. Regardons maintenant ces images elles-mêmes : d'abord celles qui portent le nom perdu, puis celles qui portent le nom que le réseau donne à la place.

# %% [markdown] tags=["en"]
# There are thirty pictures a class in 240 pictures, when the names are right. Let us now look at the pictures themselves: first those that bear the lost name, then those that bear the name which the network gives in its place.

# %%
rows = {}
for letter, label in failing.items():
    called = CLASSES[tables[letter][CLASSES.index(label)].argsort()[-1]]
    instead = called if called != label else CLASSES[tables[letter][CLASSES.index(label)].argsort()[-2]]
    for name in (label, instead):
        pictures = archives[letter].named(name).pictures[:6] / 255
        rows["14.named".format(letter=letter, label=name)] = list(pictures)
DescribedFigure(patches_figure(rows), "14.archive_text") if rows else say("14.confusion_first")

# %% [markdown] tags=["fr"]
# ## De quelle région de l'image dépend la réponse ?
#
# Vous avez peut-être déjà une hypothèse. **Grad-CAM**, sur les images d'archives qui portent le nom perdu, pour la réponse du réseau ; de nos dessins on connaît chaque pixel, on peut donc compter la part de l'explication qui tombe sur l'animal. Les deux réseaux qui n'ont perdu aucune classe servent de comparaison, sur les mêmes classes.

# %% [markdown] tags=["en"]
# ## Which region of the picture does the answer depend on?
#
# You may already have a hypothesis. **Grad-CAM**, on the pictures of the archive that bear the lost name, for the network's answer; of our drawings we know every pixel, so we can count the share of the explanation that falls on the animal. The two networks that have lost no class serve as a comparison, on the same classes.


# %%
def look(letter, shown):
    # fr: Grad-CAM de ce que le réseau répond à chaque image.
    # en: Grad-CAM of what the network answers to each picture.
    return grad_cam(suspects[letter].network, shown, [CLASSES[one] for one in say_of(letter, shown)])


columns = {"table.letter": [], "14.class": [], "14.pictures": [], "14.on_animal": [], "14.area": []}
masses = {}
for label in failing.values():
    for letter in suspects:
        files = archives[letter].named(label)
        mass = relevance_mass(look(letter, files.pictures), files.animals)
        masses[letter, label] = mass.values[np.isfinite(mass.values)]
        shown = with_interval(masses[letter, label], ".0%")
        found = [letter, label, len(masses[letter, label]), shown, mass.chance.mean()]
        for column, value in zip(columns.values(), found, strict=True):
            column.append(value)
Table(columns, ["", "", "", "", ".0%"], caption="14.mass_caption") if failing else say("14.confusion_first")

# %%
for letter, label in failing.items():
    display(look(letter, archives[letter].named(label).pictures[:4]))

# %% [markdown] tags=["fr"]
# Lisez les intervalles à côté de la surface : une part de 30 % sur un animal qui couvre 23 % de l'image est à peine plus que ce que donnerait une carte uniforme. Seule, cette valeur est compatible avec un raccourci comme avec une carte imprécise. C'est la comparaison avec les autres réseaux, sur la même classe, qui attire l'attention ; dans la pratique, on a rarement un réseau sain sous la main.
#
# À vous : changez la lettre et l'image, comparez les méthodes, cliquez sur une autre classe. Une carte qui tombe sur l'animal prouve-t-elle que le réseau est sain ?

# %% [markdown] tags=["en"]
# Read the intervals beside the area: a share of 30% on an animal that covers 23% of the picture is hardly more than an even map would give. By itself this value agrees with a shortcut as well as with an imprecise map. It is the comparison with the other networks, on the same class, that draws the attention; in practice there is rarely a sound network at hand.
#
# Your turn: change the letter and the picture, compare the methods, click on another class. Does a map that falls on the animal prove that the network is sound?

# %%
letter, number = "A", 0
lab = AttributionExplorer(suspects[letter].network, archives[letter].pictures[number])
lab

# %% [markdown] tags=["fr"]
# Non. La réponse d'un réseau qui a appris de mauvais noms dépend de l'animal, comme celle d'un réseau sain. Adebayo et ses collègues (2020) ont mesuré que les cartes peuvent signaler un raccourci à qui le **connaît**, et rarement une mauvaise étiquette ; ils montrent ensuite (2022) que, pour un raccourci que l'on ne connaît pas d'avance, les cartes ne suffisent pas à le découvrir. Il faut regarder les **données**, et intervenir.
#
# ## Intervenir
#
# Une carte est un indice. Une intervention dit ce que la marque **cause** : on la colle sur *d'autres* animaux, et on compte combien de réponses changent.
#
# ### Exercice 2 : coller un morceau
#
# `box` est un rectangle `(top, left, bottom, right)`, en pixels, `bottom` et `right` exclus. Écrivez `rise(call, pictures, source, box, label)` : collez dans chaque image de `pictures` `(N, h, w, 3)` ce que l'image `source` `(h, w, 3)` montre dans ce rectangle, et rendez de combien monte la part des images que le réseau appelle `label`, du premier état au second. `call(pictures)` donne N numéros de classe. Laissez `pictures` comme elles sont.

# %% [markdown] tags=["en"]
# No. The answer of a network that has learnt wrong names depends on the animal, as that of a sound one does. Adebayo and colleagues (2020) measured that maps can point to a shortcut for those who **know** of it, and rarely to a wrong label; later (2022) they show that maps are not enough to discover a shortcut that is not known beforehand. One must look at the **data**, and intervene.
#
# ## Intervene
#
# A map is a clue. An intervention tells what the mark **causes**: stick it on *other* animals, and count how many answers change.
#
# ### Exercise 2: paste a patch
#
# `box` is a rectangle `(top, left, bottom, right)` in pixels, `bottom` and `right` excluded. Write `rise(call, pictures, source, box, label)`: paste into each of the `pictures` `(N, h, w, 3)` what the picture `source` `(h, w, 3)` shows in this rectangle, and return by how much the share of the pictures that the network calls `label` rises, from the first state to the second. `call(pictures)` gives N class numbers. Leave `pictures` as they are.


# %% exercise="14.rise"
def rise(call, pictures, source, box, label):
    ### BEGIN SOLUTION
    top, left, bottom, right = box
    pasted = pictures.copy()
    pasted[:, top:bottom, left:right] = source[top:bottom, left:right]
    # fr: La moyenne de vrais et de faux est une part.
    # en: The mean of trues and falses is a share.
    return np.mean(call(pasted) == label) - np.mean(call(pictures) == label)
    ### END SOLUTION


# %% check="14.rise" points=3
exercise("14.rise").check(rise)

# %% [markdown] tags=["fr"]
# Essayons les quatre coins. Pour chaque réseau qui a perdu une classe, on prend dans ses archives six images qui portent ce nom, et on colle leurs coins sur les images fraîches des **autres** animaux.

# %% [markdown] tags=["en"]
# Let us try the four corners. For each network that has lost a class, take six pictures of its archive that bear this name, and paste their corners into the fresh pictures of the **other** animals.

# %%
near, far = (0, 20), (44, 64)
corners = {
    "14.upper_left": (near[0], near[0], near[1], near[1]),
    "14.upper_right": (near[0], far[0], near[1], far[1]),
    "14.lower_left": (far[0], near[0], far[1], near[1]),
    "14.lower_right": (far[0], far[0], far[1], far[1]),
}
rises = {}
if failing and exercise("14.rise").passed:
    for letter, label in failing.items():
        place = CLASSES.index(label)
        others = fresh.pictures[:160][fresh.classes[:160] != place]
        sources = archives[letter].named(label).pictures[:6]
        rises[letter] = [
            np.mean(
                [rise(lambda shown, of=letter: say_of(of, shown), others, source, box, place) for source in sources]
            )
            for box in corners.values()
        ]
    heads = {"14.letter".format(letter=letter): values for letter, values in rises.items()}
    shown = Table(
        {"14.corner": list(corners), **heads},
        ["", *["+.0%"] * len(heads)],
        caption="14.rise_caption",
    )
else:
    shown = say("14.rise_first")
shown

# %%
if rises:
    letter = max(rises, key=lambda one: max(rises[one]))
    place, box = CLASSES.index(failing[letter]), list(corners.values())[int(np.argmax(rises[letter]))]
    others = fresh.pictures[fresh.classes != place]
    pasted, (top, left, bottom, right) = others.copy(), box
    pasted[:, top:bottom, left:right] = archives[letter].named(failing[letter]).pictures[0][top:bottom, left:right]
    changed = (say_of(letter, pasted) == place) & (say_of(letter, others) != place)
    claim("14.1", "14.claim.causes", changed, at_least=0.1, letter=letter)

# %% [markdown] tags=["fr"]
# Là où un coin de l'image suffit à changer la réponse pour d'autres animaux, ce coin la cause : le réseau a appris un raccourci. Là où aucun coin ne la change, la réponse ne dépend pas d'une marque *dans un coin* ; une marque placée ailleurs n'a pas été essayée.
#
# ## Regarder à l'intérieur
#
# Restent deux réseaux dont les réponses sont bonnes. La moitié des unités d'une couche peut être morte sans que l'exactitude le montre : les autres suffisent. Pour le voir, il faut mesurer les activations (notebook `12_units`) : une unité est morte si elle ne répond à **aucune** image, à aucune place.

# %% [markdown] tags=["en"]
# Where a corner of the picture is enough to change the answer for other animals, this corner causes it: the network has learnt a shortcut. Where no corner changes it, the answer does not depend on a mark *in a corner*; a mark placed elsewhere has not been tried.
#
# ## Look inside
#
# Two networks remain whose answers are good. Half of the units of a layer may be dead without the accuracy showing it: the others are enough. To see it one must measure the activations (notebook `12_units`): a unit is dead if it answers to **no** picture, at no place.


# %%
dead = {}
for letter, one in suspects.items():
    statistics = unit_statistics(one.network, fresh.pictures, LAYERS)
    dead[letter] = {layer: statistics[layer].dead_share for layer in LAYERS}
show_dead(dead)

# %% [markdown] tags=["fr"]
# Descendez dans la couche vous-même : changez la lettre, la couche, l'unité. Que montre le labo d'une unité morte ?

# %% [markdown] tags=["en"]
# Go down into the layer yourself: change the letter, the layer, the unit. What does the lab show of a dead unit?

# %%
explorer = UnitExplorer(suspects["A"].network, fresh.pictures[:160], layer="conv2", unit=0, steps=32)
explorer

# %% [markdown] tags=["fr"]
# ## Le verdict
#
# ### Exercice 3 : le rapport
#
# Un mot par réseau, et le **chiffre** qui le prouve. La vérification le mesure de nouveau, sur d'autres images ; vous devez tomber d'accord, à vingt points près pour la marque, à vingt-cinq pour les mauvais noms, à douze pour les unités.
#
# | mot | ce qu'il faut donner | le chiffre |
# |---|---|---|
# | `"sound"` | `("sound",)` | aucun |
# | `"shortcut"` | `("shortcut", "…", chiffre)` : la classe | de combien monte la part des **autres** animaux appelés ainsi, la marque collée |
# | `"mislabelled"` | `("mislabelled", "…", "…", chiffre)` : la classe, puis le nom qu'on lui donne | la part des images fraîches de cette classe qui reçoivent ce nom |
# | `"dead"` | `("dead", "…", chiffre)` : la couche | la part de ses unités qui sont mortes |

# %% [markdown] tags=["en"]
# ## The verdict
#
# ### Exercise 3: the report
#
# One word for each network, and the **figure** that proves it. The check measures it again, on other pictures; you must agree, to within twenty points for the mark, twenty-five for the wrong names, twelve for the units.
#
# | word | what to give | the figure |
# |---|---|---|
# | `"sound"` | `("sound",)` | none |
# | `"shortcut"` | `("shortcut", "…", figure)`: the class | by how much the share of the **other** animals that are called so rises once the mark is pasted |
# | `"mislabelled"` | `("mislabelled", "…", "…", figure)`: the class, then the name it is given | the share of the fresh pictures of this class that get this name |
# | `"dead"` | `("dead", "…", figure)`: the layer | the share of its units that are dead |

# %% exercise="14.report"
report = {"A": ..., "B": ..., "C": ..., "D": ...}
### BEGIN SOLUTION
for letter in report:
    layer = max(dead[letter], key=dead[letter].get)
    if letter in failing and max(rises[letter]) > 0.2:
        # fr: Un coin suffit à changer les autres animaux : c'est la marque qui décide.
        # en: A corner is enough to change the other animals: it is the mark that decides.
        report[letter] = ("shortcut", failing[letter], max(rises[letter]))
    elif letter in failing:
        # fr: Aucun coin n'y change rien, et les images vont presque toutes au même autre nom.
        # en: No corner changes anything, and nearly all the pictures go to the same other name.
        row = tables[letter][CLASSES.index(failing[letter])]
        report[letter] = ("mislabelled", failing[letter], CLASSES[row.argmax()], row.max())
    elif dead[letter][layer] > 0.3:
        report[letter] = ("dead", layer, dead[letter][layer])
    else:
        report[letter] = ("sound",)
### END SOLUTION

# %% check="14.report" points=4
exercise("14.report").check(report)

# %% [markdown] tags=["fr"]
# ## Réparer
#
# Trouver n'est que la moitié du travail. Choisissez un des trois malades :
#
# - **le raccourci** : donner au réseau des images où la marque ne dit plus rien, collée au hasard sur une image sur trois, dans *toutes* les classes. Le plus sûr est souvent de réapprendre la **dernière couche** seule (Kirichenko, Izmailov et Wilson, 2023) : le réseau voit déjà les oreilles et le museau, il ne s'en sert pas ; une petite leçon gâterait le reste ;
# - **la classe mal étiquetée** : des images aux noms justes ;
# - **les unités mortes** : leur gradient est nul, aucun entraînement ne les ramène. Il faut tirer leurs poids de nouveau, petits et au hasard, mettre leurs biais à zéro, et à zéro aussi les poids par lesquels la couche suivante les reçoit, pour ne rien déranger (Sokar et ses collègues, 2023) ; puis entraîner, à petits pas.
#
# Puis, dans tous les cas, mesurer : la faute est-elle partie, et **qu'a-t-on abîmé** ?
#
# ### Exercice 4 : la réparation
#
# `suspects["A"].copy()` donne une copie, prête à être entraînée (Adam, `copy(rate=1e-3)` pour un autre pas) ; `lesson` contient 1 200 images fraîches et leurs vrais noms. Donnez la lettre et le réseau réparé : `mended = ("…", network)`. La classe perdue doit revenir à 60 %, sans que les autres y perdent.

# %% [markdown] tags=["en"]
# ## Mend
#
# To find is only half of the work. Choose one of the three patients:
#
# - **the shortcut**: give the network pictures in which the mark says nothing any more, pasted at random into every third picture, in *all* classes. It is often safest to learn the **last layer** anew, and it alone (Kirichenko, Izmailov and Wilson, 2023): the network already sees the ears and the muzzle, it does not use them, and a small lesson would spoil the rest;
# - **the mislabelled class**: pictures with their right names;
# - **the dead units**: their gradient is zero, no training brings them back. Draw their weights anew, small and at random, set their biases to zero, and to zero as well the weights by which the next layer receives them, so that nothing is disturbed (Sokar and colleagues, 2023); then train, in small steps.
#
# Then, in any case, measure: is the fault gone, and **what has been damaged**?
#
# ### Exercise 4: mend one
#
# `suspects["A"].copy()` gives a copy, ready for training (Adam, `copy(rate=1e-3)` for another step); `lesson` holds 1,200 fresh pictures and their true names. Give the letter and the mended network: `mended = ("…", network)`. The lost class must come back to 60%, and the others must lose nothing by it.

# %%
lesson = fresh_pictures(1200, seed=41)
lesson

# %% exercise="14.mend"
mended = (..., ...)
### BEGIN SOLUTION
keras.utils.set_random_seed(0)
letter = next(one for one, verdict in report.items() if verdict[0] == "shortcut")
top, left, bottom, right = list(corners.values())[int(np.argmax(rises[letter]))]
source = archives[letter].named(failing[letter]).pictures
taught, rng = lesson.pictures.copy(), np.random.default_rng(0)
# fr: La marque sur une image sur trois, quelle que soit la classe : elle ne dit plus rien.
# en: The mark on every third picture, whatever its class: it says nothing any more.
for row in np.flatnonzero(rng.random(len(taught)) < 1 / 3):
    taught[row, top:bottom, left:right] = rng.choice(source)[top:bottom, left:right]
network = suspects[letter].copy()
# fr: Ce que la dernière couche reçoit ne change pas : on le calcule une fois, et elle seule apprend.
# en: What the last layer is given does not change: compute it once, and it alone learns.
below = keras.Model(network.inputs[0], network.get_layer("gap").output)
features = below.predict(suspects[letter].network.preprocess(taught), verbose=0)
head = keras.Sequential([keras.Input(features.shape[1:]), keras.layers.Dense(len(CLASSES), "softmax")])
head.set_weights(network.get_layer("scores").get_weights())
head.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
head.fit(features, lesson.classes, batch_size=32, epochs=40, verbose=0)
network.get_layer("scores").set_weights(head.get_weights())
mended = (letter, network)
### END SOLUTION

# %% check="14.mend" points=4 tags=["nbval-ignore-output"]
exercise("14.mend").check(mended)

# %% [markdown] tags=["fr"]
# Avant et après, sur les mêmes images : la matrice de confusion, puis Grad-CAM sur les archives de l'équipe.

# %% [markdown] tags=["en"]
# Before and after, on the same pictures: the confusion matrix, then Grad-CAM on the team's archive.

# %% tags=["nbval-ignore-output"]
if exercise("14.mend").passed:
    letter, network = mended
    after = suspects[letter].wrap(network)
    pair = {
        "14.before": tables[letter],
        "14.after": confusion(fresh.classes, after.predict(fresh.pictures).classes, len(CLASSES)),
    }
    shown = show_confusions(pair)
else:
    shown = say("14.mend_first")
shown

# %% tags=["nbval-ignore-output"]
if exercise("14.mend").passed:
    files = archives[letter]
    some = files.named(failing.get(letter, CLASSES[0])).pictures[:4]
    display(look(letter, some))
    display(grad_cam(after, some, [CLASSES[one] for one in after.predict(some).classes]))

# %% [markdown] tags=["fr"]
# Dans la vie, personne ne vous donne d'images fraîches aux noms certains : les obtenir, d'un autre hôpital, d'un autre appareil, d'un second relecteur, est la plus grande part du travail. Et une réparation se surveille : on n'a éloigné que le raccourci qu'on a vu.
#
# ## Ce qu'il faut retenir
#
# - Un test tiré des mêmes données a les mêmes travers : une bonne note ne dit rien de ce qu'il ne montre pas.
# - D'abord *où* : la matrice de confusion. Puis *pourquoi* : les données, les cartes, l'intérieur.
# - Un même symptôme a plusieurs causes ; une carte d'attribution est un indice, une intervention mesure un effet (14.1).
# - Une carte peut signaler un raccourci que l'on soupçonne déjà, et en laisser passer un que l'on ne soupçonne pas ; une mauvaise étiquette se voit dans les données ; des unités mortes ne se voient que dans les activations.
# - Réparer, c'est aussi mesurer ce qu'on a abîmé.
#
# Vous savez maintenant formuler une hypothèse sur un réseau, l'éprouver, et dire avec quelle certitude.
#
# ### Sources
#
# - Julius Adebayo, Michael Muelly, Ilaria Liccardi, Been Kim, *Debugging Tests for Model Explanations*, 2020.
# - Julius Adebayo, Michael Muelly, Hal Abelson, Been Kim, *Post hoc Explanations may be Ineffective for Detecting Unknown Spurious Correlation*, 2022.
# - Sebastian Lapuschkin, Stephan Wäldchen, Alexander Binder, Grégoire Montavon, Wojciech Samek, Klaus-Robert Müller, *Unmasking Clever Hans predictors and assessing what machines really learn*, 2019.
# - Curtis Northcutt, Anish Athalye, Jonas Mueller, *Pervasive Label Errors in Test Sets Destabilize Machine Learning Benchmarks*, 2021.
# - Lu Lu, Yeonjong Shin, Yanhui Su, George Em Karniadakis, *Dying ReLU and Initialization: Theory and Numerical Examples*, 2020.
# - Polina Kirichenko, Pavel Izmailov, Andrew Gordon Wilson, *Last Layer Re-Training is Sufficient for Robustness to Spurious Correlations*, 2023.
# - Ghada Sokar, Rishabh Agarwal, Pablo Samuel Castro, Utku Evci, *The Dormant Neuron Phenomenon in Deep Reinforcement Learning*, 2023.

# %% [markdown] tags=["en"]
# In life nobody gives you fresh pictures with names that are certain: to get them, from another hospital, another camera, a second reader, is the larger part of the work. And a mended network is watched: only the shortcut that was seen has been taken away.
#
# ## What to remember
#
# - A test taken from the same data has the same flaws: a good mark says nothing of what it does not show.
# - First *where*: the confusion matrix. Then *why*: the data, the maps, the inside.
# - One symptom has several causes; an attribution map is a clue, an intervention measures an effect (14.1).
# - A map may point to a shortcut that one already suspects, and miss one that nobody suspects; a wrong label shows in the data; dead units show only in the activations.
# - To mend is also to measure what has been damaged.
#
# You now know how to form a hypothesis about a network, test it, and say with what certainty.
#
# ### Sources
#
# - Julius Adebayo, Michael Muelly, Ilaria Liccardi, Been Kim, *Debugging Tests for Model Explanations*, 2020.
# - Julius Adebayo, Michael Muelly, Hal Abelson, Been Kim, *Post hoc Explanations may be Ineffective for Detecting Unknown Spurious Correlation*, 2022.
# - Sebastian Lapuschkin, Stephan Wäldchen, Alexander Binder, Grégoire Montavon, Wojciech Samek, Klaus-Robert Müller, *Unmasking Clever Hans predictors and assessing what machines really learn*, 2019.
# - Curtis Northcutt, Anish Athalye, Jonas Mueller, *Pervasive Label Errors in Test Sets Destabilize Machine Learning Benchmarks*, 2021.
# - Lu Lu, Yeonjong Shin, Yanhui Su, George Em Karniadakis, *Dying ReLU and Initialization: Theory and Numerical Examples*, 2020.
# - Polina Kirichenko, Pavel Izmailov, Andrew Gordon Wilson, *Last Layer Re-Training is Sufficient for Robustness to Spurious Correlations*, 2023.
# - Ghada Sokar, Rishabh Agarwal, Pablo Samuel Castro, Utku Evci, *The Dormant Neuron Phenomenon in Deep Reinforcement Learning*, 2023.

# %% [markdown] tags=["fr"]
# ## Qu'avez-vous appris ?
#
# Les vingt questions du notebook `00_start`, une seconde fois. Donnez le même mot que la première fois, si vous aviez répondu ; chaque réponse reçoit ensuite sa raison.

# %% [markdown] tags=["en"]
# ## What have you learnt?
#
# The twenty questions of notebook `00_start`, a second time. Give the same word as the first time, if you had answered; each answer then gets its reason.

# %%
ConceptTest("after")
