# ---
# jupyter:
#   course:
#     title:
#       fr: "Choisir une méthode : que vaut une explication ?"
#       en: "Choosing a method: what is an explanation worth?"
#     minutes: 75
#     before: [04_occlusion, 06_gradients, 07_cam]
#     part: explain
#     level: 2
#     slides:
#       fr: "comment choisir une méthode"
#       en: "how to choose a method"
# ---

# %% [markdown] tags=["fr"]
# Une image, un réseau, une réponse. Et une vingtaine de méthodes pour l'expliquer, qui dessinent une vingtaine de cartes différentes. Laquelle croire ?
#
# À la fin de ce notebook, vous saurez poser les bonnes questions avant de choisir, mesurer une explication avec son intervalle et le score du hasard, et reconnaître une carte qui ne dépend pas de ce que le réseau a appris.

# %% [markdown] tags=["en"]
# One picture, one network, one answer. And some twenty methods to explain it, which draw some twenty different maps. Which one should you believe?
#
# By the end of this notebook you will know which questions to ask before you choose, how to measure an explanation with its interval and the score of chance, and how to recognise a map that does not depend on what the network has learnt.

# %% [markdown] tags=["fr"]
# ## Les questions de la diapositive
#
# La diapositive « Comment choisir une approche d'attributions ? » pose six questions : la méthode est-elle liée aux réseaux convolutifs ? Faut-il réentraîner le réseau ? Combien de calcul ? Quel type d'approche (perturbation, gradient, pertinence) ? Une carte fine ou grossière ? Agnostique, ou dépendante du modèle ?
#
# Les voici en filtres, au-dessus des méthodes du cours. Chaque vignette est calculée à l'instant, sur l'image qui traverse ce cours : un chat et un chien. Répondez pour ces trois personnes ; combien de méthodes leur reste-t-il ?
#
# 1. Alice interroge un service en ligne : une image entre, une réponse sort, rien d'autre.
# 2. Bruno veut voir, pixel par pixel, ce qui compte dans une vidéo : mille images, le temps presse.
# 3. Chloé a un réseau qui n'est pas convolutif, et veut une carte fine.

# %% [markdown] tags=["en"]
# ## The slide's questions
#
# The slide “How to choose an attribution approach?” asks six questions: is the method tied to convolutional networks? Must the network be trained again? How much computing? What kind of approach (perturbation, gradient, relevance)? A fine map or a coarse one? Agnostic, or dependent on the model?
#
# Here they are as filters, over the methods of the course. Each small map is computed on the spot, on the picture that runs through this course: a cat and a dog. Answer for these three people; how many methods are left to them?
#
# 1. Alice queries an online service: a picture goes in, an answer comes out, and that is all.
# 2. Bruno wants to see, pixel by pixel, what counts in a video: a thousand pictures, and no time to lose.
# 3. Chloé has a network which is not convolutional, and wants a fine map.

# %%
import functools

import numpy as np
from scipy.stats import rankdata

from xai_widgets import MethodChooser, list_images, load_model, sample_image
from xai_widgets.course import Table, bet, calibration, claim, exercise, interval_of, say, settle
from xai_widgets.course.examples.explanation_comparison import (
    SUSPECTS,
    cascade_panels,
    claimed_by,
    curve_panels,
    edges,
    leading,
    map_panels,
    spoken,
    with_interval,
)
from xai_widgets.datasets.creatures import draw, sample_scene
from xai_widgets.datasets.pictures.creature_samples import creature_scene
from xai_widgets.methods import (
    cascading_randomisation,
    compare_methods,
    deletion_curve,
    explain,
    insertion_curve,
    max_sensitivity,
    part_importance,
    pointing_game,
    road,
    smooth_grad,
)

creatures = load_model("creatures")
chooser = MethodChooser(creatures, "creature-cat-dog")
chooser

# %% [markdown] tags=["fr"]
# Le labo se pilote aussi depuis le code. Voici les réponses d'Alice, de Bruno et de Chloé :

# %% [markdown] tags=["en"]
# The lab can also be driven from code. Here are the answers of Alice, Bruno and Chloé:

# %%
people = {
    "Alice": {"inside": "outputs"},
    "Bruno": {"grain": "fine", "price": "few"},
    "Chloé": {"grain": "fine", "network": "other"},
}
left = {}
for name, answers in people.items():
    chooser.forget()
    for question, answer in answers.items():
        setattr(chooser, question, answer)
    left[name] = chooser.remaining
chooser.forget()
Table({"table.person": list(left), "table.left": [", ".join(spoken(found)) for found in left.values()]})

# %% [markdown] tags=["fr"]
# Une réserve sur la liste de Chloé : la déconvolution et la rétropropagation guidée ne changent que la passe arrière des ReLU. Si son réseau n'en a aucune (tanh, GELU), il n'y a rien à changer ; la bibliothèque refuse alors et renvoie au gradient simple. Les filtres posent les questions de la diapositive, et celle-là n'y est pas.
#
# Les filtres disent ce qui est *possible*, et non ce qui est *juste* : il reste presque toujours plusieurs méthodes, et leurs cartes diffèrent. En voici six, pour la classe chat, sur une seule image ; elle illustre, et ne permet de rien conclure.

# %% [markdown] tags=["en"]
# One reservation about Chloé's list: deconvolution and guided backpropagation change nothing but the backward pass of ReLUs. If her network has none (tanh, GELU), there is nothing to change; the library then refuses, and points to the plain gradient. The filters ask the slide's questions, and that one is not among them.
#
# The filters tell what is *possible*, not what is *right*: there are nearly always several methods left, and their maps differ. Here are six of them, for the class cat, on a single picture; it illustrates, and allows no conclusion.

# %%
pair = draw(creature_scene("creature-cat-dog"), 96)
methods = {
    "saliency": "saliency",
    "smooth_grad": functools.partial(smooth_grad, samples=16),
    "guided_backprop": "guided_backprop",
    "grad_cam": "grad_cam",
    "lrp": "lrp",
    "occlusion": "occlusion",
}
for_cat = {
    name: explain(creatures, pair.picture, name, "cat")
    if isinstance(method, str)
    else method(creatures, pair.picture, "cat")
    for name, method in methods.items()
}
map_panels({"": pair.picture / 255, **{name: found.heatmap()[0] for name, found in for_cat.items()}}, columns=7)

# %% [markdown] tags=["fr"]
# **Pariez.** Laquelle est la plus lisible ? Laquelle est la plus fidèle à ce que calcule le réseau ? Est-ce la même ? Notez vos réponses : nous allons mesurer.
#
# ## Première mesure : effacer ce qui compte
#
# Si une carte est fidèle au réseau, cacher d'abord les pixels qu'elle dit importants doit faire baisser le score très vite. C'est la courbe de **suppression** (Petsiuk, Das et Saenko, 2018, après Samek et coll., 2017) : on cache de plus en plus de pixels, les plus importants d'abord, et on suit la probabilité de la classe. Plus l'aire sous la courbe est **petite**, mieux c'est. À l'envers, en découvrant l'image, c'est la courbe d'**insertion** : plus l'aire est grande, mieux c'est.

# %% [markdown] tags=["en"]
# **Place your bet.** Which one is the easiest to read? Which one is the most faithful to what the network computes? Is it the same one? Write your answers down: we are going to measure.
#
# ## First measure: erase what counts
#
# If a map is faithful to the network, hiding first the pixels that it calls important must make the score fall very fast. This is the **deletion** curve (Petsiuk, Das and Saenko, 2018, after Samek et al., 2017): hide more and more pixels, the most important ones first, and follow the probability of the class. The **smaller** the area under the curve, the better. The other way round, uncovering the picture, it is the **insertion** curve: the larger the area, the better.

# %% [markdown] tags=["fr"]
# ### Exercice 1 : écrivez la courbe de suppression
#
# `score(picture)` donne un nombre pour une image `(H, W, 3)` à valeurs de 0 à 1. `heatmap` est une carte `(H, W)` : le plus grand nombre est le plus important. Renvoyez `steps + 1` scores : au pas `i`, une part `i / steps` des pixels est cachée, c'est-à-dire mise au gris 0,5 sur les trois canaux. Le premier score est celui de l'image intacte, le dernier celui d'une image toute grise. `round(i / steps * heatmap.size)` dit combien de pixels cacher.

# %% [markdown] tags=["en"]
# ### Exercise 1: write the deletion curve
#
# `score(picture)` gives a number for a picture `(H, W, 3)` with values from 0 to 1. `heatmap` is a map `(H, W)`: the largest number is the most important. Return `steps + 1` scores: at step `i`, a share `i / steps` of the pixels is hidden, that is, set to the grey 0.5 in all three channels. The first score is that of the untouched picture, the last one that of a picture all grey. `round(i / steps * heatmap.size)` tells how many pixels to hide.


# %% exercise="09.deletion"
def my_deletion_curve(score, picture, heatmap, steps):
    ### BEGIN SOLUTION
    order = np.argsort(-heatmap.ravel())
    scores = []
    for step in range(steps + 1):
        # fr: On repart de l'image intacte, et on cache tout ce qui compte jusqu'ici.
        # en: Start again from the untouched picture, and hide all that counts so far.
        hidden = picture.copy()
        count = round(step / steps * heatmap.size)
        rows, columns = np.unravel_index(order[:count], heatmap.shape)
        hidden[rows, columns] = 0.5
        scores.append(score(hidden))
    return np.array(scores)
    ### END SOLUTION


# %% check="09.deletion" points=3
exercise("09.deletion").check(my_deletion_curve)

# %% [markdown] tags=["fr"]
# Votre courbe et celle de la bibliothèque disent-elles la même chose du vrai réseau ?

# %% [markdown] tags=["en"]
# Do your curve and the library's say the same of the real network?

# %%
if exercise("09.deletion").passed:
    inputs = creatures.preprocess(pair.picture)[0]
    mine = my_deletion_curve(
        lambda picture: creatures.predict(picture.astype("float32")).probabilities[0, creatures.index("cat")],
        inputs,
        for_cat["saliency"].heatmap()[0],
        10,
    )
    theirs = deletion_curve(creatures, pair.picture, for_cat["saliency"], steps=10, baseline="grey")
    say("09.same_curve" if np.abs(mine - theirs.scores[0]).max() < 0.01 else "09.other_curve")
else:
    say("09.deletion_first")

# %% [markdown] tags=["fr"]
# À présent les six cartes, et une septième, notée « … », qui tire l'ordre des pixels au hasard. Une image d'abord :

# %% [markdown] tags=["en"]
# Now the six maps, and a seventh one, marked “…”, which draws the order of the pixels at random. One picture first:

# %%
chance = np.random.default_rng(0).random((1, 96, 96))
curves = {name: deletion_curve(creatures, pair.picture, found, "cat") for name, found in for_cat.items()}
curves["…"] = deletion_curve(creatures, pair.picture, chance, "cat")
curve_panels(curves)

# %% [markdown] tags=["fr"]
# Certaines courbes remontent : on cache davantage, et la probabilité de « chat » augmente. Une image trouée de gris ne ressemble à aucune image de l'entraînement ; ce qu'en dit le réseau renseigne mal sur ce qu'il fait des autres. La courbe au hasard tombe, elle aussi.
#
# Une image ne suffit pas pour classer des méthodes : le rang change d'une image à l'autre. Prenons donc **soixante scènes**, tirées au sort, où deux animaux d'espèces différentes se côtoient ; dans chacune, on explique la classe de l'un des deux. Chaque moyenne vient avec son **intervalle à 95 %** (bootstrap sur les scènes), et deux lignes servent de contrôle : un ordre au hasard, et un détecteur de contours, qui ne dépend pas du réseau.

# %% [markdown] tags=["en"]
# Some of the curves rise again: more is hidden, and the probability of “cat” goes up. A picture with grey holes is like none of the training pictures; what the network says of it tells little about what it does with others. The random curve falls, too.
#
# One picture is not enough to rank methods: the rank changes from picture to picture. So let us take **sixty scenes**, drawn at random, in which two animals of different species stand side by side; in each, the class of one of the two is explained. Each mean comes with its **95% interval** (bootstrap over the scenes), and two rows are controls: a random order, and an edge detector, which does not depend on the network.

# %%
scenes = [sample_scene((90, place), None, 2, noise=False, occluders=False) for place in range(60)]
drawings = [draw(scene, 96) for scene in scenes]
pictures = np.array([one.picture for one in drawings])
masks = np.array([one.animals[place % 2] for place, one in enumerate(drawings)])
targets = [one.labels[place % 2] for place, one in enumerate(drawings)]
maps = {
    name: explain(creatures, pictures, name, targets)
    if isinstance(method, str)
    else method(creatures, pictures, targets)
    for name, method in methods.items()
}
controls = {
    "09.edges": edges(creatures, creatures.preprocess(pictures), targets).values,
    "09.random": np.random.default_rng(0).random(masks.shape),
}
rows = maps | controls
map_panels({name: pictures[place] / 255 for place, name in enumerate("123456")}, columns=6)

# %%
bet("09.1", "09.bet.deletion", spoken(methods))

# %%
fills = {"grey": "table.fill_grey", "black": "table.fill_black", "blurred": "table.fill_blurred"}
areas = {
    fill: {
        name: deletion_curve(creatures, pictures, one, targets, steps=5, baseline=fill).area
        for name, one in rows.items()
    }
    for fill in fills
}
Table(
    {
        "table.method": spoken(rows),
        **{title: [with_interval(area, ".2f") for area in areas[fill].values()] for fill, title in fills.items()},
    },
    caption="09.caption_deletion",
)

# %%
settle("09.1", spoken([min(maps, key=lambda name: areas["grey"][name].mean())])[0])

# %%
# fr: Par image : combien l'ordre d'une méthode gagne sur l'ordre au hasard.
# en: Per picture: how much a method's order gains on the random order.
gains = {fill: {name: area["09.random"] - area[name] for name in (*maps, "09.edges")} for fill, area in areas.items()}
claim("09.1", "09.claim.fill", areas["blurred"]["09.random"] - areas["black"]["09.random"], at_least=0)
claim("09.2", "09.claim.black", gains["black"]["saliency"], at_most=0.05)
claim("09.3", "09.claim.edges", gains["blurred"]["09.edges"], at_least=0)
for fill, title in fills.items():
    behind = [name for name, gain in gains[fill].items() if interval_of(gain).low <= 0]
    say("09.not_above_chance", fill=title, methods=", ".join(spoken(behind)) or "09.none")

# %% [markdown] tags=["fr"]
# Trois lectures. Le score de l'**ordre au hasard** dépend de ce qui remplace les pixels : il dit d'abord combien cette retouche trouble le réseau. Sous du gris ou du noir, on ne peut pas affirmer que les méthodes de la liste classent mieux que le hasard. Et sous du flou, le **détecteur de contours** fait mieux que le hasard sans rien savoir du réseau : battre le hasard est nécessaire, et ne suffit pas.
#
# ROAD (Rong et coll., 2022) remplace chaque pixel caché par la moyenne pondérée de ses voisins, avec un peu de bruit : ni trous, ni bords. On mesure l'écart entre « les moins importants d'abord » et « les plus importants d'abord » : plus il est grand, mieux c'est ; un ordre au hasard a un écart voisin de zéro. Dans l'autre sens, l'**insertion** découvre l'image, à partir d'une image floue.

# %% [markdown] tags=["en"]
# Three readings. The score of the **random order** depends on what replaces the pixels: it tells in the first place how much this change disturbs the network. With grey or black, one cannot maintain that the methods of the list rank better than chance. And with a blur, the **edge detector** does better than chance although it knows nothing of the network: to beat chance is necessary, and is not enough.
#
# ROAD (Rong et al., 2022) replaces each hidden pixel by the weighted mean of its neighbours, with a little noise: no holes, no edges. What is measured is the gap between “least important first” and “most important first”: the larger, the better; a random order has a gap near zero. The other way round, **insertion** uncovers the picture, starting from a blurred one.

# %%
gaps = {name: road(creatures, pictures, one, targets, steps=1, output="logit").gap for name, one in rows.items()}
inserted = {name: insertion_curve(creatures, pictures, one, targets, steps=5).area for name, one in rows.items()}
Table(
    {
        "table.method": spoken(rows),
        "table.road": [with_interval(one, ".1f") for one in gaps.values()],
        "09.insertion": [with_interval(one, ".2f") for one in inserted.values()],
    },
    caption="09.caption_road",
)

# %%
firsts = {fill: min(maps, key=lambda name, of=fill: areas[of][name].mean()) for fill in fills}
firsts["ROAD"] = max(maps, key=lambda name: gaps[name].mean())
say("09.best_by_fill", road=spoken([firsts["ROAD"]])[0], **{fill: spoken([firsts[fill]])[0] for fill in fills})
claim("09.4", "09.claim.road", gaps["grad_cam"] - gaps["09.random"], at_least=0)

# %% [markdown] tags=["fr"]
# ROAD sépare nettement les méthodes du hasard. Comparez pourtant les lignes « saillance » et « contours » : là aussi, une carte qui ne dépend pas du réseau obtient un score honorable.

# %% [markdown] tags=["en"]
# ROAD separates the methods from chance clearly. But compare the rows “saliency” and “edges”: here too a map that does not depend on the network gets a fair score.

# %% [markdown] tags=["fr"]
# Une même mesure, plusieurs remplacements, et le classement peut changer : une mesure a, elle aussi, ses réglages.
#
# ## Deuxième mesure : pointer du doigt
#
# Les créatures sont dessinées : on connaît le masque exact de chaque animal. Le **jeu du pointage** (Zhang et coll., 2018), dont s'est servi le notebook 07, pose une question simple : le maximum de la carte tombe-t-il sur l'animal ? On compte sur plusieurs images.
#
# ### Exercice 2 : écrivez le jeu du pointage
#
# `maps` est de forme `(N, H, W)`, `masks` aussi, avec `True` sur l'animal. Renvoyez la part des cartes qui touchent juste, un nombre de 0 à 1.

# %% [markdown] tags=["en"]
# One and the same measure, several replacements, and the ranking may change: a measure has settings, too.
#
# ## Second measure: point a finger
#
# Creatures are drawn: the exact mask of each animal is known. The **pointing game** (Zhang et al., 2018), which notebook 07 made use of, asks a simple question: does the maximum of the map fall on the animal? Count over several pictures.
#
# ### Exercise 2: write the pointing game
#
# `maps` has the shape `(N, H, W)`, and so has `masks`, with `True` on the animal. Return the share of the maps that hit, a number from 0 to 1.


# %% exercise="09.pointing_game"
def my_pointing_game(maps, masks):
    ### BEGIN SOLUTION
    hits = []
    for one, mask in zip(maps, masks, strict=True):
        row, column = np.unravel_index(np.argmax(one), one.shape)
        hits.append(mask[row, column])
    return np.mean(hits)
    ### END SOLUTION


# %% check="09.pointing_game" points=3
exercise("09.pointing_game").check(my_pointing_game)

# %% [markdown] tags=["fr"]
# Sur les soixante scènes, avec les cartes déjà calculées. Deux animaux s'y côtoient, et un seul est celui de la classe expliquée : une carte qui montre « un animal », quel qu'il soit, tombe juste environ une fois sur deux.

# %% [markdown] tags=["en"]
# On the sixty scenes, with the maps that are there already. Two animals stand side by side in them, and only one is that of the explained class: a map that shows “an animal”, whichever, hits about every other time.

# %%
both = np.array([np.any(one.animals, axis=0) for one in drawings])
shown = maps | {"09.edges": controls["09.edges"]}
hits = {name: pointing_game(one, masks).values > 0.5 for name, one in shown.items()}
on_any = {name: pointing_game(one, both).values > 0.5 for name, one in shown.items()}
Table(
    {
        "table.method": spoken(shown),
        "table.hits": [with_interval(one, ".0%") for one in hits.values()],
        "09.hits_any": [with_interval(one, ".0%") for one in on_any.values()],
    },
    caption="09.caption_pointing",
)

# %%
claim("09.5", "09.claim.guided", hits["guided_backprop"], at_least=0.5, chance=masks.mean())
claim("09.6", "09.claim.edges_point", hits["09.edges"], at_most=0.75, chance=masks.mean())

# %% [markdown] tags=["fr"]
# Un doigt qui pointe au hasard touche avec la probabilité qu'a un pixel d'être sur l'animal (c'est le « hasard » sous les phrases numérotées). La colonne de droite compte les deux animaux : l'écart entre les colonnes est la part des cartes dont le maximum tombe sur **l'autre** animal.
#
# **Attention** à la question posée. Le jeu du pointage récompense la carte qui montre l'animal. Si le réseau répond « chat » à cause du tapis, une carte *fidèle* doit montrer le tapis, et elle perd. Cette mesure ne convient qu'à un réseau dont on sait, par une autre voie, qu'il se sert de l'animal.

# %% [markdown] tags=["en"]
# A finger that points at random hits with the probability that a pixel is on the animal (this is the “chance” under the numbered sentences). The column on the right counts both animals: the difference of the columns is the share of the maps whose maximum falls on the **other** animal.
#
# **Mind** the question that is asked. The pointing game rewards the map that shows the animal. If the network answers “cat” because of the carpet, a *faithful* map must show the carpet, and it loses. This measure only suits a network that is known, from elsewhere, to use the animal.

# %% [markdown] tags=["fr"]
# ## Troisième mesure : des poids tirés au hasard
#
# On remplace les poids du réseau par des nombres tirés au hasard, couche après couche, en partant de la sortie (Adebayo et coll., 2018). À la fin, plus rien de ce qui a été appris ne reste. Une carte qui dépend des poids appris doit changer ; une carte qui reste la même ne dépendait que de l'image et de l'architecture.
#
# Voici cinq cartes sous des lettres. L'une d'elles n'est pas une méthode d'explication : elle dessine les contours de l'image et ne dépend pas du réseau. À gauche la carte du réseau entraîné, puis les étapes ; à droite, tous les poids sont tirés au hasard.

# %% [markdown] tags=["en"]
# ## Third measure: random weights
#
# Replace the weights of the network by random numbers, layer after layer, starting from the output (Adebayo et al., 2018). In the end nothing of what was learnt is left. A map that depends on the learnt weights must change; a map that stays the same depended on the picture and the architecture alone.
#
# Here are five maps under letters. One of them is no method of explanation: it draws the edges of the picture and does not depend on the network. On the left is the map of the trained network, then come the stages; on the right, all weights are random.

# %%
checks = {
    letter: cascading_randomisation(creatures, pair.picture, method, "cat") for letter, method in SUSPECTS.items()
}
cascade_panels(checks, (1, 2, 4, 6, 7))

# %% [markdown] tags=["fr"]
# ### Exercice 3 : qui échoue ?
#
# Dans la colonne `conv3_2`, les quatre couches les plus proches de la réponse, plus de la moitié du réseau, ont des poids tirés au hasard : elles ne distinguent plus un chat d'un chien. Donnez les lettres des cartes qui **échouent** à l'épreuve, celles qui changent à peine, par exemple `failing = {"A", "C"}`. L'œil peut suffire ; pour le vérifier, `checks["A"].similarity[3, 0]` donne la corrélation des rangs entre la carte du réseau entraîné et celle de cette étape, la quatrième. La vérification tire d'autres poids au hasard, et compte comme échec une corrélation au-dessus de 0,75 ; ce seuil est une convention, dont on dira ensuite ce qu'elle change.

# %% [markdown] tags=["en"]
# ### Exercise 3: which ones fail?
#
# In the column `conv3_2` the four layers nearest to the answer, more than half of the network, have random weights: they no longer tell a cat from a dog. Give the letters of the maps that **fail** the check, those that hardly change, for example `failing = {"A", "C"}`. The eye may be enough; to verify it, `checks["A"].similarity[3, 0]` gives the rank correlation between the map of the trained network and that of this stage, the fourth. The check draws other random weights, and counts a correlation above 0.75 as a failure; this threshold is a convention, and what it changes is said further on.

# %% exercise="09.sanity"
failing = set()
### BEGIN SOLUTION
failing = {letter for letter, check in checks.items() if check.similarity[3, 0] > 0.75}
### END SOLUTION

# %% check="09.sanity" points=2
exercise("09.sanity").check(failing)

# %% [markdown] tags=["fr"]
# A est la saillance, B le détecteur de contours, C Grad-CAM, D la rétropropagation guidée, E SmoothGrad. Le verdict tient-il sur d'autres images, et à d'autres seuils ? Les mêmes cartes sur les soixante scènes, la moitié des couches tirée au hasard :

# %% [markdown] tags=["en"]
# A is saliency, B the edge detector, C Grad-CAM, D guided backpropagation, E SmoothGrad. Does the verdict hold on other pictures, and at other thresholds? The same maps on the sixty scenes, half of the layers random:

# %%
randomised = {
    letter: cascading_randomisation(creatures, pictures, method, targets, steps=2)
    for letter, method in SUSPECTS.items()
}
half = {letter: one.similarity[0].round(6) for letter, one in randomised.items()}
Table(
    {
        "table.letter": list(half),
        "table.half_random": [with_interval(one, ".2f") for one in half.values()],
        "table.all_random": [with_interval(one.similarity[1].round(6), ".2f") for one in randomised.values()],
        "09.above_threshold": [with_interval(one > 0.75, ".0%") for one in half.values()],
    },
    caption="09.caption_random",
)

# %%
others = np.max([half["A"], half["C"], half["E"]], axis=0)
claim("09.7", "09.claim.random", half["D"] - others, at_least=0)

# %% [markdown] tags=["fr"]
# La rétropropagation guidée change moins que la saillance, Grad-CAM et SmoothGrad : c'est ce qu'ont observé Adebayo et ses collègues. Quelle part de l'image « échoue » dépend en revanche du seuil, comme le dit la dernière colonne ; l'ordre des méthodes n'en dépend pas.
#
# Cette épreuve a ses propres limites. Yona et Greenfeld (2021) montrent que le résultat dépend de la tâche : si la réponse se trouve là où l'image a du contraste, une carte fidèle ressemble aux contours, avant et après. Binder et ses collègues (2023) montrent que des poids tirés au hasard, en partant de la sortie, laissent passer une partie du signal des premières couches, et que la similitude mesurée dépend du bruit de la carte : une carte bruitée réussit plus facilement. L'épreuve écarte des cartes ; elle ne classe pas celles qui restent.

# %% [markdown] tags=["en"]
# Guided backpropagation changes less than saliency, Grad-CAM and SmoothGrad: this is what Adebayo and colleagues observed. How many pictures “fail” depends on the threshold, however, as the last column says; the order of the methods does not.
#
# This check has limits of its own. Yona and Greenfeld (2021) show that its result depends on the task: if the answer lies where the picture has contrast, a faithful map resembles the edges, before and after. Binder and colleagues (2023) show that random weights, starting from the output, let through a part of the signal of the first layers, and that the similarity depends on the noise in the map: a noisy map passes more easily. The check rules maps out; it does not rank those that are left.

# %% [markdown] tags=["fr"]
# ## Quatrième mesure : la carte est-elle stable ?
#
# On change chaque pixel d'au plus 2 %, ce que l'œil ne voit pas. La carte change-t-elle ? La **sensibilité maximale** (Yeh et coll., 2019) prend le plus grand changement trouvé, rapporté à la norme de la carte : 0, rien ne change ; 1, la carte a changé d'autant que sa norme. (L'occultation, plus longue à calculer, est laissée de côté ; deux tirages par image.)

# %% [markdown] tags=["en"]
# ## Fourth measure: is the map stable?
#
# Change each pixel by at most 2%, which the eye does not see. Does the map change? **Max-sensitivity** (Yeh et al., 2019) takes the largest change found, relative to the norm of the map: 0, nothing changes; 1, the map has changed by as much as its norm. (Occlusion, which takes longer, is left out; two draws a picture.)

# %%
quick = {name: method for name, method in methods.items() if name != "occlusion"}
moves = {
    name: max_sensitivity(creatures, pictures, method, targets, samples=2).values for name, method in quick.items()
}
Table(
    {"table.method": spoken(moves), "table.sensitivity": [with_interval(one, ".2f") for one in moves.values()]},
    caption="09.caption_sensitivity",
)

# %%
claim("09.8", "09.claim.stable", moves["saliency"] - moves["smooth_grad"], at_least=0)

# %% [markdown] tags=["fr"]
# Une carte stable n'est pas pour autant fidèle : les contours d'une image sont très stables. Mais une carte qui change alors que l'image et la réponse ne changent pas ne peut pas être lue pixel par pixel.
#
# ## Une référence : retirer vraiment une partie
#
# Sur une photographie, personne ne connaît la bonne explication. Ici, on peut intervenir : on redessine la scène **sans** les oreilles, sans la queue, sans la tête, et on regarde de combien le score tombe (Hesse, Schaub-Meyer et Roth, 2023). Rien n'est caché, aucun trou, aucun bord. Cette baisse est l'importance mesurée de chaque partie, pour ce réseau et pour cette intervention ; on la compare avec la somme de la carte sur la partie. Sur une image :

# %% [markdown] tags=["en"]
# A stable map is not for all that faithful: the edges of a picture are very stable. But a map that changes while the picture and the answer do not cannot be read pixel by pixel.
#
# ## A reference: really take a part away
#
# On a photograph, nobody knows the right explanation. Here one can intervene: draw the scene again **without** the ears, without the tail, without the head, and see by how much the score falls (Hesse, Schaub-Meyer and Roth, 2023). Nothing is hidden, there are no holes and no edges. This fall is the measured importance of each part, for this network and for this intervention; it is compared with the sum of the map over the part. On one picture:

# %%
parts = part_importance(creatures, pair.scene, for_cat["grad_cam"], "cat")
parts

# %%
apart = parts.true / parts.true.max() - parts.claimed / parts.claimed.max()
place = int(np.argmax(apart))
say(
    "09.underrated",
    part=parts.parts[place][2],
    true=1 + int((parts.true > parts.true[place]).sum()),
    claimed=1 + int((parts.claimed > parts.claimed[place]).sum()),
    count=len(parts),
)

# %% [markdown] tags=["fr"]
# Sur les soixante scènes : la corrélation des rangs entre les deux, scène par scène. Une ligne de contrôle donne à chaque partie sa **surface**, sans regarder ni le réseau ni l'image.

# %% [markdown] tags=["en"]
# On the sixty scenes: the rank correlation of the two, scene by scene. A control row gives each part its **area**, without regard to the network or the picture.

# %%
measured = part_importance(creatures, scenes, maps["lrp"], targets)
even = {"09.area": np.ones(masks.shape)}
agreement = {name: claimed_by(measured, drawings, one).correlation for name, one in (maps | controls | even).items()}
Table(
    {"table.method": spoken(agreement), "table.parts": [with_interval(one, ".2f") for one in agreement.values()]},
    caption="09.caption_parts",
)

# %%
claim("09.9", "09.claim.parts", agreement["occlusion"] - agreement["09.area"], at_least=0)

# %% [markdown] tags=["fr"]
# La surface seule ne dit presque rien de l'importance ; les cartes en disent plus, et pas toutes autant. Une carte fine n'est pas pour cela plus fidèle : comparez la saillance et Grad-CAM.
#
# ## Les cartes sont-elles d'accord entre elles ?
#
# Krishna et ses collègues (2022) appellent **problème du désaccord** le cas où plusieurs méthodes classent différemment les mêmes entrées. Pour chaque scène, la corrélation des rangs des pixels, en moyenne sur les quinze paires de nos six méthodes :

# %% [markdown] tags=["en"]
# The area alone says next to nothing of the importance; the maps say more, and not all as much. A fine map is not more faithful for that: compare saliency and Grad-CAM.
#
# ## Do the maps agree with one another?
#
# Krishna and colleagues (2022) call it the **disagreement problem** that several methods rank the same inputs differently. For each scene, the rank correlation of the pixels, averaged over the fifteen pairs of our six methods:

# %%
ranked = np.array([[rankdata(one).ravel() for one in found.heatmap()] for found in maps.values()])
alike = np.array([np.corrcoef(ranked[:, place])[np.triu_indices(len(maps), 1)].mean() for place in range(len(scenes))])
claim("09.10", "09.claim.disagree", alike, at_most=0.5)

# %% [markdown] tags=["fr"]
# ## Des photographies
#
# Les dix-sept photographies fournies avec le cours, et le réseau des photos : on explique sa réponse, juste ou non. Il n'y a pas de masque, et dix-sept images ne permettent que de comparer au hasard :

# %% [markdown] tags=["en"]
# ## Photographs
#
# The seventeen photographs that come with the course, and the network of photographs: its answer is explained, right or wrong. There are no masks, and seventeen pictures only allow a comparison with chance:

# %%
photos = load_model("photos")
names = [one.name for one in list_images() if min(one.size) > 100 and not one.network and "creature" not in one.name]
shots = photos.preprocess([sample_image(name) for name in names])
said = photos.predict(shots).classes.tolist()
shot_maps = {name: explain(photos, shots, name, said) for name in ("saliency", "guided_backprop", "grad_cam", "lrp")}
shot_maps |= {"09.edges": edges(photos, shots, said), "09.random": np.random.default_rng(0).random(shots.shape[:3])}
shot_areas = {
    name: deletion_curve(photos, shots, one, said, steps=5, baseline="blurred").area for name, one in shot_maps.items()
}
Table(
    {
        "table.method": spoken(shot_maps),
        "table.fill_blurred": [with_interval(one, ".2f") for one in shot_areas.values()],
    },
    caption="09.caption_photos",
)

# %%
ahead = {name: shot_areas["09.random"] - area for name, area in shot_areas.items() if name != "09.random"}
behind = [name for name, gain in ahead.items() if interval_of(gain).low <= 0]
say("09.not_above_chance", fill="09.photographs", methods=", ".join(spoken(behind)) or "09.none")

# %% [markdown] tags=["fr"]
# Les moyennes vont dans le même sens que celles des créatures, mais dix-sept images donnent des intervalles larges : pour les méthodes de la liste, on ne peut pas exclure que l'avantage soit dû au tirage.

# %% [markdown] tags=["en"]
# The means point the same way as those of the creatures, but seventeen pictures give wide intervals: for the methods of the list it cannot be excluded that the advantage is due to the draw.

# %% [markdown] tags=["fr"]
# ## Tout mettre dans un tableau
#
# `compare_methods` fait ces mesures, et d'autres, pour autant de méthodes qu'on veut : une ligne par méthode, une colonne par score. La flèche dit dans quel sens lire ; la dernière colonne est le prix, en secondes par image sur votre machine. Quatre scènes seulement, pour montrer l'outil : de petits écarts n'y disent rien, les tableaux ci-dessus ont les intervalles. Si vous avez une minute de plus, ajoutez à `columns` `"road"`, `"mu_fidelity"`, `"infidelity"`, `"randomisation"` ou `"sensitivity"`.

# %% [markdown] tags=["en"]
# ## All in one table
#
# `compare_methods` takes these measures, and others, for as many methods as you like: a row a method, a column a score. The arrow tells which way to read; the last column is the price, in seconds for a picture on your machine. Four scenes only, to show the tool: small differences say nothing there, the tables above have the intervals. If you have a minute more, add `"road"`, `"mu_fidelity"`, `"infidelity"`, `"randomisation"` or `"sensitivity"` to `columns`.

# %% tags=["nbval-ignore-output"]
columns = ["deletion", "insertion", "pointing", "mass", "seconds"]
some = slice(0, 4)
comparison = compare_methods(
    creatures,
    pictures[some],
    methods,
    targets[some],
    masks=masks[some],
    scores=columns,
    steps=10,
)
comparison

# %% [markdown] tags=["fr"]
# Quelles méthodes restent **en tête** à chaque mesure, sur les soixante scènes ? En tête : la meilleure moyenne, et toutes celles dont l'écart à la meilleure, scène par scène, a un intervalle qui contient zéro.

# %% [markdown] tags=["en"]
# Which methods stay **in the lead** by each measure, on the sixty scenes? In the lead: the best mean, and all those whose difference to the best, scene by scene, has an interval that contains zero.

# %%
measures = {
    "table.fill_grey": {name: -areas["grey"][name] for name in maps},
    "table.fill_blurred": {name: -areas["blurred"][name] for name in maps},
    "09.insertion": inserted,
    "table.road": gaps,
    "table.hits": {name: one.astype(float) for name, one in hits.items()},
    "table.parts": agreement,
}
leaders = {title: leading({name: found[name] for name in maps}) for title, found in measures.items()}
Table(
    {"09.measure": list(leaders), "09.leaders": [", ".join(spoken(found)) for found in leaders.values()]},
    caption="09.caption_leaders",
)

# %%
calibration()

# %% [markdown] tags=["fr"]
# L'occultation est en tête de la plupart des lignes, parfois avec d'autres. Avant d'en conclure qu'elle est la meilleure : ces mesures cachent ou retirent des pixels, comme elle le fait, et une mesure favorise les méthodes qui lui ressemblent ; c'est aussi l'une des plus coûteuses (dernière colonne de `compare_methods`), et sa carte est grossière. Bilodeau et ses collègues (2024) démontrent même une limite générale : une méthode complète et linéaire (SHAP, gradients intégrés) peut ne pas faire mieux que le hasard pour deviner, à partir de ses valeurs, comment le modèle réagit à un changement de l'entrée. Partez de la question, choisissez la mesure qui lui répond, puis la méthode.
#
# ## Les outils de visualisation de la diapositive
#
# La diapositive reprend les outils recensés par Yu et Shi (2018). Ce que chacun apporte encore :
#
# | outil | à quoi il sert aujourd'hui |
# |---|---|
# | [TensorFlow Playground](https://playground.tensorflow.org) (Smilkov et coll., 2017) | toujours en ligne : comprendre couches, activations et pas d'apprentissage sur deux variables |
# | visualiseur de graphes de TensorFlow (Wongsuphasawat et coll., 2018) | l'onglet « Graphs » de TensorBoard : vérifier la structure d'un modèle, non ses réponses |
# | [Embedding Projector](https://projector.tensorflow.org) (Smilkov et coll., 2016) | toujours en ligne : ACP, t-SNE et UMAP de vos vecteurs (notebook 13) |
# | visualisation d'un réseau convolutif (Harley, 2015) | suivre un chiffre couche par couche ; ici, `ActivationBrowser` (notebook 12) |
# | Deep Visualization Toolbox (Yosinski et coll., 2015) | écrit pour Caffe, qui n'est plus maintenu : à lire ; ici, `UnitExplorer` et `FeatureLab` |
# | ActiVis (Kahng et coll., 2018), CNNVis (Liu et coll., 2017) | des articles à lire, pour l'idée de comparer les activations de sous-ensembles d'exemples |
# | LSTMVis (Strobelt et coll., 2018), RNNbow (Cashman et coll., 2018) | états et gradients des réseaux récurrents, dont l'usage a reculé devant les transformeurs |
# | DGMTracker (Liu et coll., 2018) | suivre l'entraînement d'un modèle génératif : un article, pour diagnostiquer un entraînement qui échoue |
#
# ## Ce qu'il faut retenir
#
# - D'abord les contraintes : que peut-on lire du modèle, quel réseau, quel budget, quel grain ?
# - Suppression et insertion dépendent de ce qui remplace les pixels, au point que l'ordre au hasard change de score (09.1). Un détecteur de contours peut battre le hasard (09.3).
# - Pointage et masse mesurent l'accord avec nos masques, et non la fidélité au réseau.
# - L'épreuve des poids au hasard écarte des cartes (09.7) ; la réussir ne prouve pas qu'une carte est fidèle.
# - Les méthodes ne classent pas les pixels de la même façon (09.10) : dites laquelle vous employez, et pourquoi.
# - Une mesure se donne avec son intervalle, le score du hasard et ses réglages, sur assez d'images.
# - Quand on peut intervenir sur la scène, c'est la référence la plus sûre, pour l'intervention choisie.
#
# ### Sources
#
# - Wojciech Samek, Alexander Binder, Grégoire Montavon, Sebastian Lapuschkin, Klaus-Robert Müller, *Evaluating the Visualization of What a Deep Neural Network Has Learned*, 2017.
# - Vitali Petsiuk, Abir Das, Kate Saenko, *RISE: Randomized Input Sampling for Explanation of Black-box Models*, 2018.
# - Jianming Zhang, Sarah Adel Bargal, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff, *Top-Down Neural Attention by Excitation Backprop*, 2018.
# - Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim, *Sanity Checks for Saliency Maps*, 2018.
# - Chih-Kuan Yeh, Cheng-Yu Hsieh, Arun Sai Suggala, David I. Inouye, Pradeep Ravikumar, *On the (In)fidelity and Sensitivity of Explanations*, 2019.
# - Yao Rong, Tobias Leemann, Vadim Borisov, Gjergji Kasneci, Enkelejda Kasneci, *A Consistent and Efficient Evaluation Strategy for Attribution Methods*, 2022.
# - Rulei Yu, Lei Shi, *A user-based taxonomy for deep learning visualization*, 2018.
# - Gal Yona, Daniel Greenfeld, *Revisiting Sanity Checks for Saliency Maps*, 2021.
# - Satyapriya Krishna, Tessa Han, Alex Gu, Javin Pombra, Shahin Jabbari, Steven Wu, Himabindu Lakkaraju, *The Disagreement Problem in Explainable Machine Learning: A Practitioner's Perspective*, 2022.
# - Alexander Binder, Leander Weber, Sebastian Lapuschkin, Grégoire Montavon, Klaus-Robert Müller, Wojciech Samek, *Shortcomings of Top-Down Randomization-Based Sanity Checks for Evaluations of Deep Neural Network Explanations*, 2023.
# - Robin Hesse, Simone Schaub-Meyer, Stefan Roth, *FunnyBirds: A Synthetic Vision Dataset for a Part-Based Analysis of Explainable AI Methods*, 2023.
# - Blair Bilodeau, Natasha Jaques, Pang Wei Koh, Been Kim, *Impossibility theorems for feature attribution*, 2024.

# %% [markdown] tags=["en"]
# Occlusion is in the lead in most rows, sometimes with others. Before concluding that it is the best: these measures hide or remove pixels, as it does, and a measure favours the methods that resemble it; it is also one of the most expensive (last column of `compare_methods`), and its map is coarse. Bilodeau and colleagues (2024) even prove a general limit: a method that is complete and linear (SHAP, integrated gradients) may do no better than chance at telling, from its values, how the model reacts to a change of the input. Start from the question, choose the measure that answers it, then the method.
#
# ## The slide's visualisation tools
#
# The slide takes up the tools surveyed by Yu and Shi (2018). What each is still good for:
#
# | tool | what it is good for today |
# |---|---|
# | [TensorFlow Playground](https://playground.tensorflow.org) (Smilkov et al., 2017) | still online: understand layers, activations and learning rates on two variables |
# | TensorFlow's graph visualiser (Wongsuphasawat et al., 2018) | the “Graphs” tab of TensorBoard: check the structure of a model, not its answers |
# | [Embedding Projector](https://projector.tensorflow.org) (Smilkov et al., 2016) | still online: PCA, t-SNE and UMAP of your vectors (notebook 13) |
# | visualisation of a convolutional network (Harley, 2015) | follow a digit layer by layer; here, `ActivationBrowser` (notebook 12) |
# | Deep Visualization Toolbox (Yosinski et al., 2015) | written for Caffe, which is no longer maintained: to be read; here, `UnitExplorer` and `FeatureLab` |
# | ActiVis (Kahng et al., 2018), CNNVis (Liu et al., 2017) | papers to read, for the idea of comparing the activations of subsets of examples |
# | LSTMVis (Strobelt et al., 2018), RNNbow (Cashman et al., 2018) | states and gradients of recurrent networks, which have given way to transformers in most uses |
# | DGMTracker (Liu et al., 2018) | follow the training of a generative model: a paper, for diagnosing a training that fails |
#
# ## What to remember
#
# - Constraints first: what can be read from the model, which network, what budget, which grain?
# - Deletion and insertion depend on what replaces the pixels, so much that the random order changes its score (09.1). An edge detector may beat chance (09.3).
# - Pointing and mass measure the agreement with our masks, not the faithfulness to the network.
# - The check by random weights rules maps out (09.7); passing it does not prove that a map is faithful.
# - Methods do not rank the pixels alike (09.10): say which one you use, and why.
# - A measure is given with its interval, the score of chance and its settings, on enough pictures.
# - Where one can intervene on the scene, that is the safest reference, for the intervention that was chosen.
#
# ### Sources
#
# - Wojciech Samek, Alexander Binder, Grégoire Montavon, Sebastian Lapuschkin, Klaus-Robert Müller, *Evaluating the Visualization of What a Deep Neural Network Has Learned*, 2017.
# - Vitali Petsiuk, Abir Das, Kate Saenko, *RISE: Randomized Input Sampling for Explanation of Black-box Models*, 2018.
# - Jianming Zhang, Sarah Adel Bargal, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff, *Top-Down Neural Attention by Excitation Backprop*, 2018.
# - Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim, *Sanity Checks for Saliency Maps*, 2018.
# - Chih-Kuan Yeh, Cheng-Yu Hsieh, Arun Sai Suggala, David I. Inouye, Pradeep Ravikumar, *On the (In)fidelity and Sensitivity of Explanations*, 2019.
# - Yao Rong, Tobias Leemann, Vadim Borisov, Gjergji Kasneci, Enkelejda Kasneci, *A Consistent and Efficient Evaluation Strategy for Attribution Methods*, 2022.
# - Rulei Yu, Lei Shi, *A user-based taxonomy for deep learning visualization*, 2018.
# - Gal Yona, Daniel Greenfeld, *Revisiting Sanity Checks for Saliency Maps*, 2021.
# - Satyapriya Krishna, Tessa Han, Alex Gu, Javin Pombra, Shahin Jabbari, Steven Wu, Himabindu Lakkaraju, *The Disagreement Problem in Explainable Machine Learning: A Practitioner's Perspective*, 2022.
# - Alexander Binder, Leander Weber, Sebastian Lapuschkin, Grégoire Montavon, Klaus-Robert Müller, Wojciech Samek, *Shortcomings of Top-Down Randomization-Based Sanity Checks for Evaluations of Deep Neural Network Explanations*, 2023.
# - Robin Hesse, Simone Schaub-Meyer, Stefan Roth, *FunnyBirds: A Synthetic Vision Dataset for a Part-Based Analysis of Explainable AI Methods*, 2023.
# - Blair Bilodeau, Natasha Jaques, Pang Wei Koh, Been Kim, *Impossibility theorems for feature attribution*, 2024.
