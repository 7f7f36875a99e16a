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
# Quelles parties d'une image ont fait répondre « chat » ? Le moyen le plus simple de le savoir est celui d'un enfant : en cacher une, et regarder ce qui change.
#
# À la fin de ce notebook, vous aurez promené un cache à la main, dessiné la carte entière, écrit la méthode vous-même, et vu pourquoi cacher n'est pas enlever : c'est la faiblesse de toutes les méthodes qui perturbent l'image.

# %% [markdown] tags=["en"]
# Which parts of a picture made the network answer “cat”? The simplest way to find out is a child's: hide one, and see what changes.
#
# By the end of this notebook you will have moved a patch by hand, drawn the whole map, written the method yourself, and seen why hiding is not removing: that is the weak point of every method which perturbs the picture.

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
from xai_widgets.course import Table, exercise, say
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
# L'occultation distingue le chat du chien : les deux cartes ne se ressemblent pas. Comme l'image est dessinée, on connaît le masque exact de chaque animal, et l'on peut compter.

# %% [markdown] tags=["en"]
# Occlusion tells the cat from the dog: the two maps are not alike. The picture being drawn, the exact mask of each animal is known, and we can count.

# %%
drawing = draw(creature_scene("creature-cat-dog"))
mask = drawing.animals[drawing.labels.index("cat")]
positive = np.maximum(of_cat.values[0], 0)
say("04.inside", area=mask.mean(), mass=positive[mask].sum() / positive.sum())

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
# Non. Un petit cache ne cache qu'un œil, et le réseau reconnaît le chat à l'autre ; un grand cache les deux yeux, mais aussi le museau. Chaque taille pose une autre question : « que devient la réponse sans *ceci* ? ». Il n'y a pas de bonne taille, seulement celle de la question que l'on se pose.

# %% [markdown] tags=["en"]
# It does not. A small patch hides one eye, and the network knows the cat by the other; a large one hides both, and the muzzle as well. Each size asks another question: “what becomes of the answer without *this*?” There is no right size, only that of the question you are asking.

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
# Cinq couleurs, cinq cartes. Le cœur y est partout, la tête ; mais l'ordre des pixels change, et l'ampleur aussi. Laquelle dit la vérité sur le réseau ?
#
# ## Le problème : cacher n'est pas enlever
#
# Le réseau n'a jamais vu de carré noir posé sur un mur. Une telle image est **hors distribution** : nul ne sait ce qu'il va en faire. Mesurons-le là où la réponse est connue d'avance : dans un coin du décor, où il n'y a pas d'animal. Quoi qu'on y mette, l'animal est intact.

# %% [markdown] tags=["en"]
# Five colours, five maps. The heart of the matter is in all of them, the head; but the order of the pixels changes, and so does the size of the falls. Which one tells the truth about the network?
#
# ## The problem: hiding is not removing
#
# The network has never seen a black square on a wall. Such a picture is **out of distribution**: nobody knows what it will make of it. Let us measure this where the answer is known in advance: in a corner of the scenery, where there is no animal. Whatever is put there, the animal is intact.

# %%
scenes = [sample_scene((2024, place), noise=False, occluders=False) for place in range(16)]
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
    shifts[name] = np.abs(right_score(changed) - whole).mean()
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
        "table.on_background": list(shifts.values()),
        "table.answers_changed": list(flips.values()),
    },
    ["", ".2f", ".0%"],
)

# %%
assert shifts["black"] > 3 * shifts["landscape"]
assert shifts["uniform"] > shifts["black"]
say(
    "04.background",
    black=shifts["black"] / shifts["landscape"],
    noise=shifts["uniform"] / shifts["landscape"],
    changed=round(sum(flips.values()) * len(scenes)),
    count=len(shifts) * len(scenes),
)

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
    return np.where(hole, make_baselines(creatures, pictures[[place]], fill)[0][0], pictures[place])


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
true, claimed = [], {"black": [], "grey": [], "blurred": []}
for part in parts:
    owners = [place for place, scene in enumerate(scenes) if scene.animals[0].part(part)]

    def fall(copies, owners=owners):
        scores = creatures.logits(np.stack(copies).astype("float32"))[np.arange(len(owners)), classes[owners]]
        return np.mean(whole[owners] - scores)

    true.append(fall([without(place, part) for place in owners]))
    for fill, falls in claimed.items():
        falls.append(fall([under(place, part, fill) for place in owners]))

Table(
    {
        "table.part": parts,
        "table.true_fall": true,
        "table.grey_fall": claimed["grey"],
        "table.blurred_fall": claimed["blurred"],
        "table.black_fall": claimed["black"],
    },
    ["", ".1f", ".1f", ".1f", ".1f"],
    caption="table.caption_parts",
)

# %%
compare_importances(parts, true, {fills[fill]: falls for fill, falls in claimed.items()})

# %%
collar, spots = parts.index("collar"), parts.index("pattern")
assert claimed["black"][collar] > true[collar] + 1
say("04.collar", true=true[collar], black=claimed["black"][collar])

# %%
ranks = {fill: map_similarity([[true]], [[falls]])[0] for fill, falls in claimed.items()}
assert ranks["black"] < min(ranks["grey"], ranks["blurred"])
say("04.ranks", count=len(parts), **ranks)

# %% [markdown] tags=["fr"]
# Aucun animal n'est reconnu à son collier, et pourtant un collier noir coûte au score. La carte faite avec du noir accuserait le collier : elle explique l'image trouée, pas l'image. Le gris et le flou, qui ressemblent à ce que le réseau a vu, restent près de la diagonale. Et même eux ne disent pas tout : sous le cache, la *forme* des oreilles se devine encore.
#
# C'est la critique de la diapositive : « elles affectent drastiquement les prédictions des convnets ». Retenez la règle : **avant de croire une carte, changez la couleur du cache.** Ce qui reste est du réseau ; ce qui change est du cache.

# %% [markdown] tags=["en"]
# No animal is known by its collar, and yet a black collar costs score. The map made with black would accuse the collar: it explains the picture with a hole, not the picture. Grey and blur, which look like what the network has seen, stay close to the diagonal. And even they do not tell everything: under the patch, the *shape* of the ears can still be made out.
#
# This is the criticism of the slide: perturbations “drastically affect the predictions of convnets”. Remember the rule: **before you believe a map, change the colour of the patch.** What stays is the network's; what changes is the patch's.

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
# - La taille du cache est une question ; son pas est un prix ; sa couleur est un biais.
# - Une image trouée est hors distribution. Sur un coin vide, une bonne explication ne devrait rien voir, et le noir y voit quelque chose.
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
# - The size of the patch is a question; its stride is a price; its colour is a bias.
# - A picture with a hole is out of distribution. In an empty corner a good explanation should see nothing, and black sees something there.
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
