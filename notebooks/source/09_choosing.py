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
# À la fin de ce notebook, vous saurez poser les bonnes questions avant de choisir, mesurer une explication au lieu de la trouver belle, et reconnaître une carte qui n'explique rien du tout.

# %% [markdown] tags=["en"]
# One picture, one network, one answer. And some twenty methods to explain it, which draw some twenty different maps. Which one should you believe?
#
# By the end of this notebook you will know which questions to ask before you choose, how to measure an explanation instead of finding it beautiful, and how to recognise a map that explains nothing at all.

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

from xai_widgets import MethodChooser, load_model
from xai_widgets.course import Table, exercise, say
from xai_widgets.course.examples.explanation_comparison import (
    SUSPECTS,
    cascade_panels,
    curve_panels,
    map_panels,
    spoken,
)
from xai_widgets.datasets.creatures import draw, sample_scene
from xai_widgets.datasets.pictures.creature_samples import creature_scene
from xai_widgets.methods import (
    cascading_randomisation,
    compare_methods,
    deletion_curve,
    explain,
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
# Les filtres disent ce qui est *possible*. Ils ne disent pas ce qui est *juste* : même après les filtres, il reste presque toujours plusieurs méthodes, et leurs cartes se contredisent. Regardons-en six de près, pour la classe chat.

# %% [markdown] tags=["en"]
# The filters tell what is *possible*. They do not tell what is *right*: even after the filters there are nearly always several methods left, and their maps contradict each other. Let us look closely at six of them, for the class cat.

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
# **Pariez.** Laquelle est la plus belle ? Laquelle est la plus juste ? Est-ce la même ? Notez vos réponses : nous allons mesurer.
#
# ## Première mesure : effacer ce qui compte
#
# Si une carte dit vrai, cacher d'abord les pixels qu'elle dit importants doit faire s'effondrer le score. C'est la courbe de **suppression** (Petsiuk, Das et Saenko, 2018, après Samek et coll., 2017) : on cache de plus en plus de pixels, les plus importants d'abord, et on suit la probabilité de la classe. Plus l'aire sous la courbe est **petite**, mieux c'est. À l'envers, en découvrant l'image, c'est la courbe d'**insertion** : plus l'aire est grande, mieux c'est.

# %% [markdown] tags=["en"]
# **Place your bet.** Which one is the most beautiful? Which one is the most truthful? Is it the same one? Write your answers down: we are going to measure.
#
# ## First measure: erase what counts
#
# If a map tells the truth, hiding first the pixels that it calls important must make the score collapse. This is the **deletion** curve (Petsiuk, Das and Saenko, 2018, after Samek et al., 2017): hide more and more pixels, the most important ones first, and follow the probability of the class. The **smaller** the area under the curve, the better. The other way round, uncovering the picture, it is the **insertion** curve: the larger the area, the better.

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
# À présent les six cartes, et une septième, notée « … », qui tire les pixels au sort :

# %% [markdown] tags=["en"]
# Now the six maps, and a seventh one, marked “…”, which draws pixels at random:

# %%
rng = np.random.default_rng(0)
chance = rng.random((1, 96, 96))
curves = {name: deletion_curve(creatures, pair.picture, found, "cat") for name, found in for_cat.items()}
curves["…"] = deletion_curve(creatures, pair.picture, chance, "cat")
curve_panels(curves)

# %% [markdown] tags=["fr"]
# **Méfiance.** Certaines courbes remontent : on cache encore, et le réseau redevient sûr de voir un chat ! Une image trouée de gris ne ressemble à rien de ce qu'il a appris, et ce qu'il en dit ne veut pas dire grand-chose. La courbe au hasard tombe, elle aussi. ROAD (Rong et coll., 2022) remplace chaque pixel caché par la moyenne de ses voisins, avec un peu de bruit : pas de trous, pas de bords. On mesure alors l'écart entre « les moins importants d'abord » et « les plus importants d'abord » : plus il est grand, mieux c'est.

# %% [markdown] tags=["en"]
# **Beware.** Some of the curves rise again: more is hidden, and the network is once more sure of seeing a cat! A picture riddled with grey looks like nothing that it has learnt, and what it says of it does not mean much. The random curve falls, too. ROAD (Rong et al., 2022) replaces each hidden pixel by the mean of its neighbours, with a little noise: no holes, no edges. What is then measured is the gap between “least important first” and “most important first”: the larger, the better.

# %%
fills = ("grey", "black", "blurred")
areas = {
    fill: [deletion_curve(creatures, pair.picture, found, "cat", baseline=fill).area[0] for found in for_cat.values()]
    for fill in fills
}
gaps = [road(creatures, pair.picture, found, "cat", steps=5, output="logit").gap[0] for found in for_cat.values()]
best = {fill: list(for_cat)[int(np.argmin(found))] for fill, found in areas.items()}
best["ROAD"] = list(for_cat)[int(np.argmax(gaps))]
Table(
    {
        "table.method": spoken(for_cat),
        "table.fill_grey": areas["grey"],
        "table.fill_black": areas["black"],
        "table.fill_blurred": areas["blurred"],
        "table.road": gaps,
    },
    ["", ".2f", ".2f", ".2f", ".0f"],
)

# %%
grey, black, blurred, by_road = spoken([best[way] for way in (*fills, "ROAD")])
say("09.best_by_fill", grey=grey, black=black, blurred=blurred, road=by_road)

# %% [markdown] tags=["fr"]
# Une même mesure, plusieurs façons de cacher, et le classement peut changer. Premier enseignement : une mesure a, elle aussi, ses réglages.
#
# ## Deuxième mesure : pointer du doigt
#
# Les créatures sont dessinées : on connaît le masque exact de chaque animal. Le **jeu du pointage** (Zhang et coll., 2018), dont s'est servi le notebook 07, demande peu : le point le plus fort de la carte tombe-t-il sur l'animal ? On joue sur plusieurs images, et on compte.
#
# ### Exercice 2 : écrivez le jeu du pointage
#
# `maps` est de forme `(N, H, W)`, `masks` aussi, avec `True` sur l'animal. Renvoyez la part des cartes qui touchent juste, un nombre de 0 à 1.

# %% [markdown] tags=["en"]
# One and the same measure, several ways to hide, and the ranking may change. First lesson: a measure has settings, too.
#
# ## Second measure: point a finger
#
# Creatures are drawn: the exact mask of each animal is known. The **pointing game** (Zhang et al., 2018), which notebook 07 made use of, does not ask much: does the strongest point of the map fall on the animal? Play on several pictures, and count.
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
# Jouons sur six images où deux animaux se côtoient. Pour chacune on explique tour à tour la classe de gauche et celle de droite : une carte qui montre « un animal » sans savoir lequel perd une fois sur deux.

# %% [markdown] tags=["en"]
# Let us play on six pictures in which two animals stand side by side. For each one the class on the left is explained, then that on the right: a map that shows “an animal”, without knowing which, loses every other time.

# %%
scenes = [sample_scene((90, place), ("cat", "dog"), 2, noise=False, occluders=False) for place in range(6)]
drawings = [draw(scene, 96) for scene in scenes for _ in range(2)]
pictures = [one.picture for one in drawings]
masks = np.array([one.animals[place % 2] for place, one in enumerate(drawings)])
targets = [one.labels[place % 2] for place, one in enumerate(drawings)]
map_panels({name: pictures[2 * place] / 255 for place, name in enumerate("123456")}, columns=6)

# %%
found = {
    name: explain(creatures, pictures, name, targets)
    if isinstance(method, str)
    else method(creatures, pictures, targets)
    for name, method in methods.items()
}
games = {name: pointing_game(one, masks) for name, one in found.items()}
Table(
    {
        "table.method": spoken(games),
        "table.hits": [game.mean for game in games.values()],
        "table.chance": [game.chance.mean() for game in games.values()],
    },
    ["", ".0%", ".0%"],
)

# %% [markdown] tags=["fr"]
# La dernière colonne est le score d'un doigt qui pointe au hasard : la part de l'image que couvre l'animal. Deuxième enseignement : un score ne veut rien dire sans celui du hasard.
#
# **Attention** au sens de la question. Le jeu du pointage récompense la carte qui montre l'animal. Si le réseau répond « chat » à cause du tapis, une carte *fidèle* doit montrer le tapis, et elle perd ! Cette mesure n'est juste que pour un réseau dont on sait qu'il regarde l'animal.

# %% [markdown] tags=["en"]
# The last column is the score of a finger that points at random: the share of the picture that the animal covers. Second lesson: a score means nothing without that of chance.
#
# **Mind** the question. The pointing game rewards the map that shows the animal. If the network answers “cat” because of the carpet, a *faithful* map must show the carpet, and it loses! This measure is only fair for a network that is known to look at the animal.

# %% [markdown] tags=["fr"]
# ## Troisième mesure : et si le réseau oubliait tout ?
#
# Voici l'épreuve la plus simple et la plus cruelle. On remplace les poids du réseau par des nombres tirés au hasard, couche après couche, en partant de la sortie (Adebayo et coll., 2018). À la fin, le réseau ne sait plus rien. Une carte qui explique ce que le réseau a appris doit changer du tout au tout. Une carte qui reste la même n'expliquait pas le réseau : elle dessinait l'image.
#
# Cinq suspects se présentent, sous des lettres. L'un d'eux n'est même pas une méthode : il dessine les contours de l'image sans regarder le réseau. À gauche la carte du réseau entraîné, puis les étapes de l'oubli ; à droite, plus rien n'est appris.

# %% [markdown] tags=["en"]
# ## Third measure: what if the network forgot everything?
#
# Here is the simplest test, and the cruellest. Replace the weights of the network by random numbers, layer after layer, starting from the output (Adebayo et al., 2018). In the end the network knows nothing any more. A map that explains what the network has learnt must change completely. A map that stays the same did not explain the network: it was drawing the picture.
#
# Five suspects come forward, under letters. One of them is not even a method: it draws the edges of the picture without looking at the network. On the left is the map of the trained network, then come the stages of forgetting; on the right, nothing learnt is left.

# %%
checks = {
    letter: cascading_randomisation(creatures, pair.picture, method, "cat") for letter, method in SUSPECTS.items()
}
cascade_panels(checks, (1, 2, 4, 6, 7))

# %% [markdown] tags=["fr"]
# ### Exercice 3 : qui échoue ?
#
# Dans la colonne `conv3_2`, les quatre couches les plus proches de la réponse, plus de la moitié du réseau, ont tout oublié : plus rien n'y distingue un chat d'un chien. Donnez les lettres des cartes qui **échouent** à l'épreuve, celles qui s'en aperçoivent à peine, par exemple `failing = {"A", "C"}`. L'œil peut suffire ; pour en avoir le cœur net, `checks["A"].similarity[3, 0]` donne la corrélation des rangs entre la carte du réseau entraîné et celle de cette étape, la quatrième. La vérification tire d'autres poids au hasard, et compte comme échec une corrélation au-dessus de 0,75.

# %% [markdown] tags=["en"]
# ### Exercise 3: which ones fail?
#
# In the column `conv3_2` the four layers nearest to the answer, more than half of the network, have forgotten everything: nothing in them tells a cat from a dog any more. Give the letters of the maps that **fail** the check, those that hardly notice, for example `failing = {"A", "C"}`. The eye may be enough; to be sure, `checks["A"].similarity[3, 0]` gives the rank correlation between the map of the trained network and that of this stage, the fourth. The check draws other random weights, and counts a correlation above 0.75 as a failure.

# %% exercise="09.sanity"
failing = set()
### BEGIN SOLUTION
failing = {letter for letter, check in checks.items() if check.similarity[3, 0] > 0.75}
### END SOLUTION

# %% check="09.sanity" points=2
exercise("09.sanity").check(failing)

# %%
Table(
    {
        "table.letter": list(checks),
        "table.half_random": [check.similarity[3, 0] for check in checks.values()],
        "table.all_random": [check.final[0] for check in checks.values()],
    },
    ["", ".2f", ".2f"],
)

# %% [markdown] tags=["fr"]
# Bas les masques : A est la saillance, B le détecteur de contours, C Grad-CAM, D la rétropropagation guidée, E SmoothGrad. La rétropropagation guidée dessine presque la même chose quand la moitié du réseau ne sait plus rien : elle ne cède qu'avec les toutes premières couches. C'est ce qu'ont vu Adebayo et ses collègues, et le défaut que montre la diapositive. Sa carte était pourtant l'une des plus belles.

# %% [markdown] tags=["en"]
# Masks off: A is saliency, B the edge detector, C Grad-CAM, D guided backpropagation, E SmoothGrad. Guided backpropagation draws nearly the same thing when half of the network knows nothing any more: it only gives way with the very first layers. This is what Adebayo and colleagues saw, and the flaw that the slide shows. And yet its map was one of the most beautiful.

# %% [markdown] tags=["fr"]
# ## Quatrième mesure : la carte tient-elle en place ?
#
# On bouge chaque pixel d'au plus 2 %, ce qu'aucun œil ne voit. La réponse ne change pas ; la carte, de combien ? La **sensibilité maximale** (Yeh et coll., 2019) prend le plus grand changement trouvé, rapporté à la taille de la carte : 0, rien ne bouge ; 1, la carte a changé d'autant qu'elle est grande.

# %% [markdown] tags=["en"]
# ## Fourth measure: does the map hold still?
#
# Move each pixel by at most 2%, which no eye can see. The answer does not change; the map, by how much? **Max-sensitivity** (Yeh et al., 2019) takes the largest change found, relative to the size of the map: 0, nothing moves; 1, the map has changed by as much as it is large.

# %%
moves = {name: max_sensitivity(creatures, pair.picture, method, "cat", samples=5) for name, method in methods.items()}
Table({"table.method": spoken(moves), "table.sensitivity": [one.values[0] for one in moves.values()]}, ["", ".2f"])

# %% [markdown] tags=["fr"]
# Une carte stable n'est pas pour autant une carte juste : les contours de l'image sont très stables. Mais une carte qui change quand rien ne change ne peut pas être lue pixel par pixel.
#
# ## La vérité, quand on peut l'avoir
#
# Sur une photographie, personne ne connaît la bonne explication. Ici, si : on redessine la scène **sans** les oreilles, sans la queue, sans la tête, et on regarde de combien le score tombe (Hesse, Schaub-Meyer et Roth, 2023). Rien n'est caché, aucun trou, aucun bord. C'est l'importance vraie de chaque partie, pour ce réseau ; on la compare avec ce qu'annonce la carte.

# %% [markdown] tags=["en"]
# A stable map is not for all that a truthful map: the edges of the picture are very stable. But a map that changes when nothing changes cannot be read pixel by pixel.
#
# ## The truth, when it can be had
#
# On a photograph, nobody knows the right explanation. Here we do: draw the scene again **without** the ears, without the tail, without the head, and see by how much the score falls (Hesse, Schaub-Meyer and Roth, 2023). Nothing is hidden, there are no holes and no edges. This is the true importance of each part, for this network; compare it with what the map claims.

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

# %%
correlations = {
    name: part_importance(creatures, pair.scene, one, "cat").correlation[0] for name, one in for_cat.items()
}
Table({"table.method": spoken(correlations), "table.parts": list(correlations.values())}, ["", ".1f"])

# %% [markdown] tags=["fr"]
# Une carte floue donne à chaque partie selon sa surface ; de petites parties qui comptent beaucoup y perdent. L'œil ne l'aurait pas vu.
#
# ## Tout mettre dans un tableau
#
# `compare_methods` fait ces mesures, et d'autres, pour autant de méthodes qu'on veut : une ligne par méthode, une colonne par score. La flèche dit dans quel sens lire ; la dernière colonne est le prix, en secondes par image sur votre machine. Si vous avez une minute de plus, ajoutez à `columns` `"road"`, `"mu_fidelity"`, `"infidelity"`, `"randomisation"` ou `"sensitivity"`.

# %% [markdown] tags=["en"]
# A blurry map gives to each part by its area; small parts that count a lot lose by it. The eye would not have seen this.
#
# ## All in one table
#
# `compare_methods` takes these measures, and others, for as many methods as you like: a row a method, a column a score. The arrow tells which way to read; the last column is the price, in seconds for a picture on your machine. If you have a minute more, add `"road"`, `"mu_fidelity"`, `"infidelity"`, `"randomisation"` or `"sensitivity"` to `columns`.

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

# %% tags=["nbval-ignore-output"]
lower = {"deletion"}
winners = set()
for column, values in comparison.scores.items():
    if column != "seconds":
        means = values.mean(axis=1)
        winners.add(comparison.methods[int(np.argmin(means) if column in lower else np.argmax(means))])
say("09.winners", columns=len(columns) - 1, winners=len(winners))

# %% [markdown] tags=["fr"]
# Il n'y a pas de meilleure méthode. Il y a une méthode qui convient à une question, et des mesures qui disent si elle tient parole. Ne choisissez pas la carte qui confirme ce que vous pensiez déjà.
#
# ## Ce qu'il faut retenir
#
# - D'abord les contraintes : que peut-on lire du modèle, quel réseau, quel budget, quel grain ?
# - Une belle carte n'est pas une carte juste. Un détecteur de contours est très convaincant.
# - Suppression et insertion demandent au réseau ce qu'il pense d'images qu'il n'a jamais vues ; ROAD en répare une partie.
# - Pointage et masse mesurent l'accord avec nos masques, pas la fidélité au réseau.
# - L'épreuve des poids aléatoires élimine ce qui n'explique rien ; la réussir ne prouve pas qu'on explique tout.
# - Une mesure sans son hasard et sans ses réglages ne dit rien.
# - Quand on peut intervenir sur la scène, c'est la meilleure des vérités.
#
# ### Sources
#
# - Wojciech Samek, Alexander Binder, Grégoire Montavon, Sebastian Lapuschkin, Klaus-Robert Müller, *Evaluating the Visualization of What a Deep Neural Network Has Learned*, 2017.
# - Vitali Petsiuk, Abir Das, Kate Saenko, *RISE: Randomized Input Sampling for Explanation of Black-box Models*, 2018.
# - Jianming Zhang, Sarah Adel Bargal, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff, *Top-Down Neural Attention by Excitation Backprop*, 2018.
# - Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim, *Sanity Checks for Saliency Maps*, 2018.
# - Chih-Kuan Yeh, Cheng-Yu Hsieh, Arun Sai Suggala, David I. Inouye, Pradeep Ravikumar, *On the (In)fidelity and Sensitivity of Explanations*, 2019.
# - Yao Rong, Tobias Leemann, Vadim Borisov, Gjergji Kasneci, Enkelejda Kasneci, *A Consistent and Efficient Evaluation Strategy for Attribution Methods*, 2022.
# - Robin Hesse, Simone Schaub-Meyer, Stefan Roth, *FunnyBirds: A Synthetic Vision Dataset for a Part-Based Analysis of Explainable AI Methods*, 2023.

# %% [markdown] tags=["en"]
# There is no best method. There is a method that suits a question, and there are measures that tell whether it keeps its word. Do not choose the map that confirms what you already thought.
#
# ## What to remember
#
# - Constraints first: what can be read from the model, which network, what budget, which grain?
# - A beautiful map is not a truthful map. An edge detector is very convincing.
# - Deletion and insertion ask the network what it thinks of pictures that it has never seen; ROAD mends part of that.
# - Pointing and mass measure the agreement with our masks, not the faithfulness to the network.
# - The test by random weights weeds out what explains nothing; passing it does not prove that all is explained.
# - A measure without its chance level and its settings says nothing.
# - Where one can intervene on the scene, that is the best of truths.
#
# ### Sources
#
# - Wojciech Samek, Alexander Binder, Grégoire Montavon, Sebastian Lapuschkin, Klaus-Robert Müller, *Evaluating the Visualization of What a Deep Neural Network Has Learned*, 2017.
# - Vitali Petsiuk, Abir Das, Kate Saenko, *RISE: Randomized Input Sampling for Explanation of Black-box Models*, 2018.
# - Jianming Zhang, Sarah Adel Bargal, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff, *Top-Down Neural Attention by Excitation Backprop*, 2018.
# - Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim, *Sanity Checks for Saliency Maps*, 2018.
# - Chih-Kuan Yeh, Cheng-Yu Hsieh, Arun Sai Suggala, David I. Inouye, Pradeep Ravikumar, *On the (In)fidelity and Sensitivity of Explanations*, 2019.
# - Yao Rong, Tobias Leemann, Vadim Borisov, Gjergji Kasneci, Enkelejda Kasneci, *A Consistent and Efficient Evaluation Strategy for Attribution Methods*, 2022.
# - Robin Hesse, Simone Schaub-Meyer, Stefan Roth, *FunnyBirds: A Synthetic Vision Dataset for a Part-Based Analysis of Explainable AI Methods*, 2023.
