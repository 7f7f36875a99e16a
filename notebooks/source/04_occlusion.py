# ---
# jupyter:
#   course:
#     title:
#       fr: "Occultation : cacher pour comprendre"
#       en: "Occlusion: hide to understand"
#     minutes: 60
#     before: [00_start]
#     part: explain
#     level: 1
#     slides:
#       fr: "occultation de Zeiler et Fergus ; le problème des perturbations"
#       en: "Zeiler and Fergus' occlusion; the problem with perturbing"
# ---

# %% [markdown] tags=["fr"]
# Quelles parties d'une image ont fait répondre « chat » ? Le moyen le plus simple de le savoir est d'en cacher une et de regarder ce qui change.
#
# À la fin de ce notebook, vous aurez promené un cache à la main, dessiné la carte entière, écrit la méthode vous-même, et mesuré quand cacher une partie équivaut à l'enlever, et quand non : c'est la question que posent toutes les méthodes qui perturbent l'image.

# %% [markdown] tags=["en"]
# Which parts of a picture made the network answer “cat”? The simplest way to find out is to hide one and see what changes.
#
# By the end of this notebook you will have moved a patch by hand, drawn the whole map, written the method yourself, and measured when hiding a part amounts to removing it, and when it does not: that is the question of every method which perturbs the picture.

# %% [markdown] tags=["fr"]
# ## Ce que montre la diapositive
#
# Un chat et un chien dans la même image, et notre réseau de créatures, qui dit pour chaque animal s'il est là.

# %% [markdown] tags=["en"]
# ## What the slide shows
#
# A cat and a dog in one picture, and our creatures network, which says of each animal whether it is there.

# %%
import numpy as np

from xai_widgets import OcclusionLab, load_model, sample_image
from xai_widgets.course import Table, claim, exercise, say
from xai_widgets.course.display.map_figures import compare_importances, compare_maps, show_pictures
from xai_widgets.datasets.creatures import LABELS, draw, sample_scene
from xai_widgets.datasets.pictures.creature_samples import creature_scene
from xai_widgets.methods import map_similarity, occlusion
from xai_widgets.methods.core.baselines import make_baselines

creatures = load_model("creatures")
pair = sample_image("creature-cat-dog")
creatures.predict(pair)

# %% [markdown] tags=["fr"]
# **Pariez avant de continuer.** Vous avez un seul carré gris, de 24 pixels de côté (l'image du réseau en a 96). Où le poser pour que le réseau ne voie plus le chat ? Et le chien, le verra-t-il toujours ?

# %% [markdown] tags=["en"]
# **Place your bet before you go on.** You have one grey square, 24 pixels wide (the network's picture has 96). Where would you put it so that the network no longer sees the cat? And will it still see the dog?

# %%
x = creatures.preprocess(pair)
hidden = x.copy()
hidden[:, 48:72, 28:52] = 0.5

show_pictures({"04.title.picture": np.uint8(255 * x[0]), "04.fill.grey": np.uint8(255 * hidden[0])})

# %%
cat, dog = LABELS.index("cat"), LABELS.index("dog")
before, after = creatures.logits(x)[0], creatures.logits(hidden)[0]
sure_before, sure_after = creatures.predict(x).probabilities[0, cat], creatures.predict(hidden).probabilities[0, cat]
say(
    "04.hidden_head",
    before=before[cat],
    before_sure=sure_before,
    after=after[cat],
    after_sure=sure_after,
    dog_before=before[dog],
    dog_after=after[dog],
)

# %% [markdown] tags=["fr"]
# Le **score** est ce que le réseau calcule avant d'en faire une probabilité. C'est lui qu'on regarde : une probabilité proche de 1 ne bouge presque plus, même quand le score s'effondre à moitié.
#
# ## À vous de jouer
#
# Faites glisser le cache sur l'image, à la souris ou avec les flèches. Le score suit votre main ; ce que vous trouvez remplit la carte du milieu : rouge là où le score baisse, bleu là où il monte.
#
# 1. Où le score du chat baisse-t-il le plus : sur l'œil, l'oreille, la queue ?
# 2. Posez le cache sur le chien. Pourquoi le score du *chat* monte-t-il ?
# 3. Cliquez sur la barre du chien : sans bouger le cache, la carte change. Pourquoi aucun nouveau passage dans le réseau n'est-il nécessaire ?
# 4. Demandez la carte entière, puis finissez la vôtre : quand deviennent-elles la même ?
# 5. Passez le cache au noir et posez-le sur le mur, loin des animaux. Que devrait-il se passer ? Que se passe-t-il ?

# %% [markdown] tags=["en"]
# The **score** is what the network computes before it turns it into a probability. That is what we watch: a probability close to 1 hardly moves, even when half of the score is gone.
#
# ## Your turn to play
#
# Drag the patch over the picture, with the mouse or the arrow keys. The score follows your hand; what you find fills the map in the middle: red where the score falls, blue where it rises.
#
# 1. Where does the score of the cat fall most: on an eye, an ear, the tail?
# 2. Put the patch on the dog. Why does the score of the *cat* rise?
# 3. Click on the bar of the dog: the patch has not moved, and the map changes. Why does this need no new pass through the network?
# 4. Ask for the whole map, then finish yours: when do they become the same?
# 5. Make the patch black and put it on the wall, far from the animals. What should happen? What does?

# %%
lab = OcclusionLab(creatures, "creature-cat-dog", patch=16, stride=8, target="cat", place=(56, 32))
lab

# %% [markdown] tags=["fr"]
# ## La carte entière
#
# C'est la méthode de Zeiler et Fergus (2013) : un cache carré glisse sur l'image, et chaque pixel reçoit la baisse moyenne du score sous les caches qui l'ont couvert. Pas de gradient, rien à savoir du réseau : il suffit qu'il réponde.

# %% [markdown] tags=["en"]
# ## The whole map
#
# This is the method of Zeiler and Fergus (2013): a square patch slides over the picture, and each pixel receives the mean fall of the score under the patches that covered it. No gradient, nothing to know of the network: it only has to answer.

# %%
of_cat = occlusion(creatures, pair, "cat", patch=16, stride=8)
of_dog = occlusion(creatures, pair, "dog", patch=16, stride=8)
compare_maps({"cat": of_cat.values[0], "dog": of_dog.values[0]}, pair)

# %% [markdown] tags=["fr"]
# Les deux cartes ne se ressemblent pas. Comme l'image est dessinée, on connaît le masque exact de chaque animal, et l'on peut compter : ici d'abord, puis sur soixante autres scènes d'un chat et d'un chien.

# %% [markdown] tags=["en"]
# The two maps are not alike. The picture being drawn, the exact mask of each animal is known, and we can count: here first, then on sixty other scenes of a cat and a dog.

# %%
drawing = draw(creature_scene("creature-cat-dog"))
mask = drawing.animals[drawing.labels.index("cat")]
positive = np.maximum(of_cat.values[0], 0)
say("04.inside", area=mask.mean(), mass=positive[mask].sum() / positive.sum())

# %%
duos = [draw(sample_scene((4, number), ("cat", "dog"), 2, occluders=False)) for number in range(60)]
duo_maps = np.maximum(
    occlusion(creatures, np.stack([one.picture for one in duos]), "cat", patch=16, stride=16).values, 0
)
cats, dogs = (np.stack([one.animals[one.labels.index(name)] for one in duos]) for name in ("cat", "dog"))
on_cat, on_dog = ((duo_maps * one).sum(axis=(1, 2)) / duo_maps.sum(axis=(1, 2)) for one in (cats, dogs))
claim("04.1", "04.claim.inside", on_cat, at_least=cats.mean(), chance=cats.mean(), dog=on_dog.mean())

# %% [markdown] tags=["fr"]
# ### Ce que cela coûte
#
# Un passage dans le réseau par place du cache.

# %% [markdown] tags=["en"]
# ### What it costs
#
# One pass through the network for each place of the patch.

# %%
positions = len(range(0, 96 - 16 + 1, 8)) ** 2
say("04.passes", positions=positions)

# %% [markdown] tags=["fr"]
# Mais un cache de 16 pixels ne change pas toute l'image : loin de lui, les premières couches calculent exactement ce qu'elles avaient déjà calculé. Nakandala, Kumar et Papakonstantinou (2019) ne recalculent que ce que le cache peut atteindre. C'est ce que fait la bibliothèque quand le réseau s'y prête ; les réponses sont les mêmes, aux arrondis près.

# %% [markdown] tags=["en"]
# But a patch of 16 pixels does not change the whole picture: far from it, the first layers compute exactly what they had computed before. Nakandala, Kumar and Papakonstantinou (2019) compute anew only what the patch can reach. The library does so where the network allows it; the answers are the same but for rounding.

# %%
full = occlusion(creatures, pair, "cat", patch=16, stride=8, incremental=False)
difference = np.abs(full.values - of_cat.values).max()
assert difference < 1e-3
say("04.incremental", difference=1e-3, flag=of_cat.recipe.options["incremental"])

# %% [markdown] tags=["fr"]
# ### Exercice 1 : écrivez l'occultation
#
# `score(pictures)` donne les scores (N,) d'un lot d'images (N, H, W, C). Écrivez `my_occlusion(score, picture, patch, stride, fill)` : elle renvoie une carte (H, W), où chaque pixel a la baisse moyenne du score sous les caches qui l'ont couvert. Les tailles tombent juste : pas de reste au bord.

# %% [markdown] tags=["en"]
# ### Exercise 1: write occlusion
#
# `score(pictures)` gives the scores (N,) of a batch of pictures (N, H, W, C). Write `my_occlusion(score, picture, patch, stride, fill)`: it returns a map (H, W), where each pixel has the mean fall of the score under the patches that covered it. Sizes fit: nothing is left over at the border.


# %% exercise="04.occlusion"
def my_occlusion(score, picture, patch, stride, fill):
    ### BEGIN SOLUTION
    height, width = picture.shape[:2]
    total, count = np.zeros((height, width)), np.zeros((height, width))
    whole = score(picture[np.newaxis])[0]
    for row in range(0, height - patch + 1, stride):
        for column in range(0, width - patch + 1, stride):
            # fr: Une copie neuve à chaque place, sinon tout finit caché.
            # en: A fresh copy for each place, or everything ends up hidden.
            copy = picture.copy()
            copy[row : row + patch, column : column + patch] = fill
            fall = whole - score(copy[np.newaxis])[0]
            total[row : row + patch, column : column + patch] += fall
            count[row : row + patch, column : column + patch] += 1
    return total / count
    ### END SOLUTION


# %% check="04.occlusion" points=3
exercise("04.occlusion").check(my_occlusion)

# %%
if exercise("04.occlusion").passed:

    def cat_score(pictures):
        return creatures.logits(pictures.astype("float32"))[:, cat]

    mine = my_occlusion(cat_score, x[0], 16, 8, 0.5)
    apart = np.abs(mine - of_cat.values[0]).max()
    assert apart < 0.001
    say("04.same_as_library", difference=0.001, largest=of_cat.values.max())
else:
    say("04.occlusion_first")

# %% [markdown] tags=["fr"]
# ## Taille et pas : quelle carte croire ?
#
# **Pariez** : un cache deux fois plus grand donne-t-il la même carte, en plus flou ?

# %% [markdown] tags=["en"]
# ## Size and stride: which map to believe?
#
# **Place your bet**: does a patch twice as large give the same map, only blurrier?

# %%
sides = [8, 16, 24, 32]
by_size = {side: occlusion(creatures, pair, "cat", patch=side, stride=side // 2).values for side in sides}
compare_maps({f"{side} px": values[0] for side, values in by_size.items()}, pair, shared=False)

# %%
Table(
    {
        "table.patch": [f"{side} px" for side in sides],
        "table.stride": [f"{side // 2} px" for side in sides],
        "table.passes": [1 + (1 + (96 - side) // (side // 2)) ** 2 for side in sides],
        "table.largest_fall": [values.max() for values in by_size.values()],
        "table.like_16": [map_similarity(by_size[16], values)[0] for values in by_size.values()],
    },
    ["", "", "", ".1f", ".2f"],
)

# %% [markdown] tags=["fr"]
# Non, pas sur cette image : l'ordre des pixels change avec la taille. Un petit cache peut ne couvrir qu'un œil, un grand les deux yeux et le museau. Chaque taille pose donc une autre question : que devient la réponse sans *cette surface-là* ? La taille se choisit d'après la question, et se dit avec la carte.

# %% [markdown] tags=["en"]
# It does not, on this picture: the order of the pixels changes with the size. A small patch may cover one eye only, a large one both eyes and the muzzle. So each size asks another question: what becomes of the answer without *that area*? The size is chosen for the question, and stated with the map.

# %% [markdown] tags=["fr"]
# ## Que montre le cache ?
#
# Cacher, c'est toujours montrer autre chose. Du gris ? Du noir ? La couleur moyenne de l'image ? L'image floue ?

# %% [markdown] tags=["en"]
# ## What does the patch show?
#
# To hide is always to show something else. Grey? Black? The mean colour of the picture? The picture blurred?

# %%
fills = {
    "grey": "04.fill.grey",
    "black": "04.fill.black",
    "white": "04.fill.white",
    "mean": "04.fill.mean",
    "blurred": "04.fill.blurred",
}
by_fill = {fill: occlusion(creatures, pair, "cat", patch=16, stride=8, baseline=fill).values for fill in fills}
compare_maps({fills[fill]: values[0] for fill, values in by_fill.items()}, pair)

# %%
Table(
    {
        "table.fill": list(fills.values()),
        "table.like_grey": [map_similarity(by_fill["grey"], values)[0] for values in by_fill.values()],
        "table.largest_fall": [values.max() for values in by_fill.values()],
    },
    ["", ".2f", ".1f"],
)

# %% [markdown] tags=["fr"]
# Cinq remplissages, cinq cartes. Le maximum est partout sur la tête ; mais l'ordre des pixels change, et l'ampleur des baisses aussi. Laquelle décrit le mieux le réseau ?
#
# ## Cacher, est-ce enlever ?
#
# Le réseau n'a jamais vu de carré noir posé sur un mur. Une telle image est **hors distribution** : on ne sait pas d'avance ce que le réseau en fera. Mesurons-le là où la réponse est connue : dans un coin du décor, où il n'y a pas d'animal. Quoi qu'on y mette, l'animal est intact. Le repère est un autre décor dans le même coin : ce changement-là n'a rien d'étrange pour le réseau.

# %% [markdown] tags=["en"]
# Five fills, five maps. The largest fall is on the head in all of them; but the order of the pixels changes, and so does the size of the falls. Which one describes the network best?
#
# ## Is hiding the same as removing?
#
# The network has never seen a black square on a wall. Such a picture is **out of distribution**: what the network makes of it is not known in advance. Let us measure this where the answer is known: in a corner of the scenery, where there is no animal. Whatever is put there, the animal is intact. The yardstick is other scenery in the same corner: that change is nothing strange to the network.

# %%
scenes = [sample_scene((2024, place), noise=False, occluders=False) for place in range(64)]
drawings = [draw(scene) for scene in scenes]
pictures = creatures.preprocess(np.stack([one.picture for one in drawings]))
classes = np.array([LABELS.index(scene.labels[0]) for scene in scenes])
rows = np.arange(len(scenes))


def right_score(batch):
    return creatures.logits(batch.astype("float32"))[rows, classes]


# fr: Pour chaque image, le coin de 24 pixels où l'animal est le moins présent.
# en: For each picture, the corner of 24 pixels with the least of the animal.
side = 24
kept = np.ones((*pictures.shape[:3], 1))
for place, one in enumerate(drawings):
    corners = [(slice(top, top + side), slice(left, left + side)) for top in (0, 72) for left in (0, 72)]
    kept[place][min(corners, key=lambda corner: one.animals[0][corner].sum())] = 0

# fr: Pour comparer : le même coin, pris dans la même scène avec un autre décor. Rien d'étrange pour le réseau.
# en: For comparison: the same corner, from the same scene with other scenery. Nothing strange to the network.
moved = [
    type(scene)(scene.animals, other.background, scene.light, scene.occluders, scene.noise, scene.seed)
    for scene, other in zip(scenes, [*scenes[1:], scenes[0]], strict=True)
]
landscape = creatures.preprocess(np.stack([draw(scene).picture for scene in moved]))

names = fills | {"uniform": "04.fill.uniform", "landscape": "04.fill.landscape"}
shown = {fill: make_baselines(creatures, pictures, fill)[0] for fill in [*fills, "uniform"]} | {"landscape": landscape}
whole, answers = right_score(pictures), creatures.predict(pictures).classes
shifts, flips = {}, {}
for name, fill in shown.items():
    changed = pictures * kept + fill * (1 - kept)
    shifts[name] = np.abs(right_score(changed) - whole)
    flips[name] = np.mean(creatures.predict(changed.astype("float32")).classes != answers)
show_pictures(
    {
        names[name]: np.uint8(255 * np.clip(pictures[0] * kept[0] + shown[name][0] * (1 - kept[0]), 0, 1))
        for name in ("landscape", "grey", "black", "uniform")
    }
)

# %%
Table(
    {
        "table.fill": [names[name] for name in shifts],
        "table.on_background": [one.mean() for one in shifts.values()],
        "table.answers_changed": list(flips.values()),
    },
    ["", ".2f", ".0%"],
)

# %%
claim("04.2", "04.claim.black", shifts["black"] - shifts["landscape"], at_least=0.0, chance=0.0)
claim("04.3", "04.claim.noise", shifts["uniform"] - shifts["landscape"], at_least=0.0, chance=0.0)
more = np.mean(shifts["grey"] - shifts["landscape"])
claim("04.4", "04.claim.grey", shifts["black"] - shifts["grey"], at_least=0.0, chance=0.0, more=more)
gentlest = max(("mean", "blurred"), key=lambda name: shifts[name].mean())
claim("04.5", "04.claim.blurred", shifts[gentlest] - shifts["landscape"], at_most=0.0, chance=0.0)

# %% [markdown] tags=["fr"]
# Tout dépend donc du remplissage. Le noir et le bruit déplacent le score bien plus que ne le fait un autre décor : c'est un effet du cache, non de ce qu'il cache. Le gris le déplace à peu près comme un autre décor, la couleur moyenne et le flou moins. Pour ces trois-là, sur un coin vide, « cacher » ne perturbe donc pas plus le réseau qu'un décor ordinaire.

# %% [markdown] tags=["en"]
# So it depends on the fill. Black and noise move the score far more than other scenery does: that is an effect of the patch, not of what it hides. Grey moves it about as much as other scenery, the mean colour and blur less. So for these three, in an empty corner, “hiding” perturbs the network no more than ordinary scenery.

# %% [markdown] tags=["fr"]
# ### Enlever pour de vrai
#
# Nos créatures sont dessinées : on peut redessiner la scène *sans* les oreilles. Ce n'est plus une image trouée, c'est l'image d'un animal sans oreilles ; la baisse du score est alors l'importance **vraie** de la partie. C'est l'idée de FunnyBirds (Hesse, Schaub-Meyer et Roth, 2023). Comparons avec ce que dit un cache de la forme exacte des oreilles.

# %% [markdown] tags=["en"]
# ### Removing for real
#
# Our creatures are drawn: the scene can be drawn anew *without* the ears. That is no longer a picture with a hole, it is the picture of an animal without ears; the fall of the score is then the **true** importance of the part. This is the idea of FunnyBirds (Hesse, Schaub-Meyer and Roth, 2023). Let us compare it with what a patch says that has the exact shape of the ears.


# %%
def under(place, part, fill):
    hole = drawings[place].footprint(0, part)[..., np.newaxis]
    return np.where(hole, shown[fill][place], pictures[place])


def without(place, part):
    return creatures.preprocess(draw(scenes[place].without(0, part)).picture)[0]


eared = next(place for place, scene in enumerate(scenes) if scene.animals[0].part("ears"))
ways = {
    "04.title.picture": pictures[eared],
    "04.title.true": without(eared, "ears"),
    "04.title.grey": under(eared, "ears", "grey"),
    "04.title.black": under(eared, "ears", "black"),
}
show_pictures({title: np.uint8(255 * np.clip(picture, 0, 1)) for title, picture in ways.items()})

# %%
parts = ["eyes", "ears", "muzzle", "cheeks", "tail", "legs", "pattern", "collar"]
true, owners_of, claimed = [], [], {"black": [], "grey": [], "blurred": []}
for part in parts:
    owners = [place for place, scene in enumerate(scenes) if scene.animals[0].part(part)]

    def fall(copies, owners=owners):
        scores = creatures.logits(np.stack(copies).astype("float32"))[np.arange(len(owners)), classes[owners]]
        return whole[owners] - scores

    owners_of.append(owners)
    true.append(fall([without(place, part) for place in owners]))
    for fill, falls in claimed.items():
        falls.append(fall([under(place, part, fill) for place in owners]))

mean_true = [falls.mean() for falls in true]
mean_claimed = {fill: [one.mean() for one in falls] for fill, falls in claimed.items()}
Table(
    {
        "table.part": parts,
        "table.true_fall": mean_true,
        "table.grey_fall": mean_claimed["grey"],
        "table.blurred_fall": mean_claimed["blurred"],
        "table.black_fall": mean_claimed["black"],
    },
    ["", ".1f", ".1f", ".1f", ".1f"],
    caption="table.caption_parts",
)

# %%
compare_importances(parts, mean_true, {fills[fill]: falls for fill, falls in mean_claimed.items()})

# %%
both = [parts.index(part) for part in ("collar", "pattern")]
too_much = np.concatenate([claimed["black"][place] - true[place] for place in both])
claim("04.6", "04.claim.collar", too_much, at_least=0.0, chance=0.0)


# %%
def error_of(fill):
    # fr: Une moyenne par animal : les parties d'un même animal ne sont pas des cas indépendants.
    # en: One mean for each animal: the parts of one animal are not independent cases.
    found = [[] for _ in scenes]
    for owners, falls, real in zip(owners_of, claimed[fill], true, strict=True):
        for place, distance in zip(owners, np.abs(falls - real), strict=True):
            found[place].append(distance)
    return np.array([np.mean(one) for one in found])


ranks = {fill: map_similarity([[mean_true]], [[falls]])[0] for fill, falls in mean_claimed.items()}
say("04.ranks", count=len(parts), **ranks)
claim("04.7", "04.claim.error", error_of("black") - error_of("grey"), at_least=0.0, grey=error_of("grey").mean())

# %% [markdown] tags=["fr"]
# Enlever le collier ou le motif ne change presque rien au score ; les peindre en noir le fait baisser (04.6). Une carte faite avec du noir leur donnerait de l'importance : elle décrit l'image trouée, non l'image. Le gris et le flou, plus proches de ce que le réseau a vu, se trompent moins (04.7), mais ils se trompent aussi : sous le cache, le contour des oreilles reste visible, et une partie grise n'est pas une partie absente.
#
# La diapositive dit des perturbations qu'« elles affectent drastiquement les prédictions des convnets ». C'est vrai ici du noir et du bruit, non du gris ni du flou. La règle pratique : **avant de croire une carte, changez le remplissage du cache**, et ne gardez comme conclusion que ce qui ne change pas.

# %% [markdown] tags=["en"]
# Removing the collar or the pattern hardly changes the score; painting them black lowers it (04.6). A map made with black would give them importance: it describes the picture with a hole, not the picture. Grey and blur, closer to what the network has seen, err less (04.7), but they err too: under the patch the outline of the ears can still be seen, and a grey part is not an absent part.
#
# The slide says that perturbations “drastically affect the predictions of convnets”. Here that is true of black and of noise, not of grey or blur. The practical rule: **before you believe a map, change the fill of the patch**, and keep as a conclusion only what does not change.

# %% [markdown] tags=["fr"]
# ### Exercice 2 : la partie qui compte le plus
#
# Écrivez `most_important_part(score, scene)` : le nom de la partie du premier animal sans laquelle le score baisse le plus. `score` prend un lot d'images (N, 96, 96, 3), de 0 à 255, et donne les scores (N,) ; `draw(scene).picture` dessine une scène, `scene.without(0, "tail")` en enlève une partie, et `scene.animals[0].parts` donne celles qui sont là.

# %% [markdown] tags=["en"]
# ### Exercise 2: the part that matters most
#
# Write `most_important_part(score, scene)`: the name of the part of the first animal without which the score falls most. `score` takes a batch of pictures (N, 96, 96, 3), 0 to 255, and gives the scores (N,); `draw(scene).picture` draws a scene, `scene.without(0, "tail")` takes a part of it away, and `scene.animals[0].parts` lists those which are there.


# %% exercise="04.intervention"
def most_important_part(score, scene):
    ### BEGIN SOLUTION
    whole = score(draw(scene).picture[np.newaxis])[0]
    falls = {}
    for part in scene.animals[0].parts:
        picture = draw(scene.without(0, part.name)).picture
        falls[part.name] = whole - score(picture[np.newaxis])[0]
    return max(falls, key=falls.get)
    ### END SOLUTION


# %% check="04.intervention" points=3
exercise("04.intervention").check(most_important_part)

# %%
if exercise("04.intervention").passed:

    def score_of_cat(batch):
        return creatures.logits(creatures.preprocess(batch))[:, cat]

    say("04.best_part", part=most_important_part(score_of_cat, creature_scene("creature-cat-dog")))
else:
    say("04.intervention_first")

# %% [markdown] tags=["fr"]
# Est-ce ce que la carte d'occultation montrait ? Enlever la tête emporte les yeux, les oreilles et le museau : une question plus large que n'en pose un cache de 16 pixels. Essayez sans la tête : laquelle des autres parties vient en premier ?
#
# ## Ce qu'il faut retenir
#
# - Occulter, c'est cacher une partie et mesurer la baisse du **score** : aucun gradient, aucun accès au réseau.
# - La taille du cache fixe la question, son pas le coût, et son remplissage introduit un biais.
# - Une image trouée peut être hors distribution. Sur un coin vide, le noir déplace le score bien plus qu'un autre décor (04.2), le gris, la couleur moyenne et le flou non (04.4, 04.5).
# - Un cache peut aussi manquer l'essentiel : si deux parties disent la même chose, en cacher une seule ne change rien. C'est la saturation, que retrouvent les notebooks 06 et 08.
#
# Le notebook suivant, `05_lime`, cache des morceaux d'image qui suivent les contours, plusieurs à la fois.
#
# ### Sources
#
# - Matthew D. Zeiler, Rob Fergus, *Visualizing and understanding convolutional networks*, 2013.
# - Supun Nakandala, Arun Kumar, Yannis Papakonstantinou, *Incremental and approximate inference for faster occlusion-based deep CNN explanations*, 2019.
# - Robin Hesse, Simone Schaub-Meyer, Stefan Roth, *FunnyBirds: a synthetic vision dataset for a part-based analysis of explainable AI methods*, 2023.
# - Sara Hooker, Dumitru Erhan, Pieter-Jan Kindermans, Been Kim, *A benchmark for interpretability methods in deep neural networks*, 2019, sur ce que devient une image dont on enlève des pixels.

# %% [markdown] tags=["en"]
# Is that what the map showed? Taking the head away takes eyes, ears and muzzle with it: a larger question than a patch of 16 pixels asks. Try it without the head: which of the other parts comes first?
#
# ## What to remember
#
# - To occlude is to hide a part and measure the fall of the **score**: no gradient, no access to the network.
# - The size of the patch sets the question, its stride the cost, and its fill introduces a bias.
# - A picture with a hole may be out of distribution. In an empty corner, black moves the score far more than other scenery does (04.2); grey, the mean colour and blur do not (04.4, 04.5).
# - A patch can also miss what matters: if two parts say the same, hiding one changes nothing. This is saturation, which notebooks 06 and 08 come back to.
#
# The next notebook, `05_lime`, hides pieces of the picture that follow its outlines, several at a time.
#
# ### Sources
#
# - Matthew D. Zeiler, Rob Fergus, *Visualizing and understanding convolutional networks*, 2013.
# - Supun Nakandala, Arun Kumar, Yannis Papakonstantinou, *Incremental and approximate inference for faster occlusion-based deep CNN explanations*, 2019.
# - Robin Hesse, Simone Schaub-Meyer, Stefan Roth, *FunnyBirds: a synthetic vision dataset for a part-based analysis of explainable AI methods*, 2023.
# - Sara Hooker, Dumitru Erhan, Pieter-Jan Kindermans, Been Kim, *A benchmark for interpretability methods in deep neural networks*, 2019, on what becomes of a picture whose pixels are taken away.
