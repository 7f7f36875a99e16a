# ---
# jupyter:
#   course:
#     title:
#       fr: "CAM et Grad-CAM : où le réseau regarde-t-il ?"
#       en: "CAM and Grad-CAM: where does the network look?"
#     minutes: 75
#     before: [06_gradients]
#     part: explain
#     level: 2
#     slides:
#       fr: "CAM, Grad-CAM, Grad-CAM guidée"
#       en: "CAM, Grad-CAM, guided Grad-CAM"
# ---

# %% [markdown] tags=["fr"]
# Un chat et un chien dans une même image. Le réseau les a vus tous les deux. Demandez-lui où est le chat, puis où est le chien : il faudrait deux réponses différentes. La rétropropagation guidée, si nette, redessine chaque fois les contours des deux animaux : ce qui change d'une question à l'autre se mesure, plus bas, sur soixante images.
#
# À la fin de ce notebook, vous saurez tirer d'un réseau la carte d'une classe, écrire CAM et Grad-CAM vous-même, choisir la couche où regarder, et mesurer si la carte est au bon endroit.

# %% [markdown] tags=["en"]
# A cat and a dog in one picture. The network has seen them both. Ask it where the cat is, then where the dog is: two different answers are wanted. Guided backpropagation, sharp as it is, draws the outlines of both animals each time: what changes from one question to the other is measured further down, on sixty pictures.
#
# By the end of this notebook you will be able to draw the map of a class out of a network, write CAM and Grad-CAM yourself, choose the layer to look at, and measure whether the map is in the right place.

# %% [markdown] tags=["fr"]
# ## Ce que montre la diapositive
#
# Notre réseau nomme douze animaux dessinés ; il dit pour chacun s'il est là.

# %% [markdown] tags=["en"]
# ## What the slide shows
#
# Our network names twelve drawn animals; for each of them it says whether it is there.

# %%
from types import SimpleNamespace

import keras
import numpy as np
from scipy.ndimage import binary_dilation
from scipy.stats import spearmanr

from xai_widgets import CamLab, load_model, load_scene_reader, sample_image
from xai_widgets.course import Table, bet, calibration, claim, exercise, say, settle
from xai_widgets.datasets.creatures import draw, plant_tag, sample_scene
from xai_widgets.datasets.creatures.language import answer
from xai_widgets.datasets.pictures.creature_samples import creature_scene
from xai_widgets.methods import (
    cam,
    deconvolution,
    grad_cam,
    guided_backprop,
    guided_grad_cam,
    layer_maps,
    layers_with_maps,
    map_similarity,
    pgd,
    pointing_game,
    relevance_mass,
)

creatures = load_model("creatures")
pair = sample_image("creature-cat-dog")
creatures.predict(pair)

# %% [markdown] tags=["fr"]
# **Pariez avant de continuer.** Qu'est-ce qui, dans le chat, fait dire « chat » : les oreilles, les moustaches, la queue, tout le corps ?

# %% [markdown] tags=["en"]
# **Place your bet before you go on.** What in the cat makes the network say “cat”: the ears, the whiskers, the tail, the whole body?

# %%
both = cam(creatures, np.stack([pair, pair]), ["cat", "dog"])
both

# %% [markdown] tags=["fr"]
# Rouge : ce qui parle pour la classe ; bleu : ce qui parle contre elle. En haut la carte du chat, en bas celle du chien. Le même réseau, la même image, une seule passe ; seule la question a changé.
#
# Comparons avec la rétropropagation guidée. Une similarité de 1 voudrait dire : deux fois la même carte.

# %% [markdown] tags=["en"]
# Red speaks for the class, blue speaks against it. The map of the cat is above, that of the dog below. The same network, the same picture, one pass; only the question has changed.
#
# Let us compare with guided backpropagation. A similarity of 1 would mean the same map twice.

# %%
guided = [guided_backprop(creatures, pair, label).heatmap() for label in ("cat", "dog")]
say(
    "07.cat_and_dog",
    guided=map_similarity(*guided)[0],
    cam=map_similarity(both.values[:1], both.values[1:])[0],
)

# %% [markdown] tags=["fr"]
# ## Comment c'est fait
#
# Les couches profondes savent *quoi* (une oreille, un museau) et savent encore *où*, puisque ce sont des cartes. Les couches denses qui suivent d'habitude perdent ce « où ». L'idée de Zhou et de ses collègues (2016) : finir autrement, par la moyenne de chaque carte (*global average pooling*, GAP), puis une seule couche dense.

# %% [markdown] tags=["en"]
# ## How it is made
#
# Deep layers know *what* (an ear, a muzzle) and still know *where*, since they are maps. The dense layers that usually follow lose that “where”. The idea of Zhou and colleagues (2016): end in another way, by the mean of each map (*global average pooling*, GAP), then a single dense layer.

# %%
seen = layer_maps(creatures, pair, "cat")
maps = seen.activations[0]
weights, biases = creatures.model.layers[-1].get_weights()
say(
    "07.shapes",
    layer=seen.layer,
    maps=maps.shape[-1],
    rows=maps.shape[0],
    columns=maps.shape[1],
    classes=weights.shape[1],
)

# %% [markdown] tags=["fr"]
# Notons $A^k_{ij}$ la carte $k$ à la ligne $i$, colonne $j$, et $w^c_k$ le poids qui relie cette carte à la classe $c$. Le score (avant la sigmoïde) est
#
# $$y^c = b^c + \sum_k w^c_k \, \frac{1}{Z} \sum_{ij} A^k_{ij} = b^c + \frac{1}{Z} \sum_{ij} \underbrace{\sum_k w^c_k \, A^k_{ij}}_{M^c_{ij}}$$
#
# où $Z$ est le nombre de cases. On a seulement échangé deux sommes. Mais maintenant le score est la moyenne d'une **carte**, $M^c$ : c'est la *class activation map*, CAM.
#
# ### Exercice 1 : écrivez CAM
#
# `maps` a la forme `(h, w, C)`, `weights` la forme `(C, K)` : une colonne par classe. Renvoyez la carte `(h, w)` de la classe numéro `index`.

# %% [markdown] tags=["en"]
# Let $A^k_{ij}$ be map $k$ at row $i$, column $j$, and $w^c_k$ the weight that joins this map to class $c$. The score (before the sigmoid) is
#
# $$y^c = b^c + \sum_k w^c_k \, \frac{1}{Z} \sum_{ij} A^k_{ij} = b^c + \frac{1}{Z} \sum_{ij} \underbrace{\sum_k w^c_k \, A^k_{ij}}_{M^c_{ij}}$$
#
# where $Z$ is the number of cells. All we did was to swap two sums. But now the score is the mean of a **map**, $M^c$: this is the class activation map, CAM.
#
# ### Exercise 1: write CAM
#
# `maps` has the shape `(h, w, C)`, `weights` the shape `(C, K)`: a column for each class. Return the map `(h, w)` of class number `index`.


# %% exercise="07.cam"
def my_cam(maps, weights, index):
    ### BEGIN SOLUTION
    # fr: Chaque carte, fois le poids qui la relie à la classe ; puis la somme des cartes.
    # en: Each map times the weight that joins it to the class; then the sum over the maps.
    return (maps * weights[:, index]).sum(axis=-1)
    ### END SOLUTION


# %% check="07.cam" points=2
exercise("07.cam").check(my_cam)

# %% [markdown] tags=["fr"]
# Deux vérifications : votre carte est-elle celle de la bibliothèque, et sa moyenne plus le biais est-elle le score ?

# %% [markdown] tags=["en"]
# Two checks: is your map the library's, and is its mean plus the bias the score?

# %%
if exercise("07.cam").passed:
    mine = my_cam(maps, weights, 0)
    library = cam(creatures, pair, "cat", upsample=False).values[0]
    np.testing.assert_allclose(mine, library, atol=1e-4 * np.abs(library).max())
    say("07.same_cam")
    say("07.mean_is_score", mean=mine.mean() + biases[0], score=seen.score[0])
else:
    say("07.cam_first")

# %% [markdown] tags=["fr"]
# ## Pourquoi il faut la moyenne globale
#
# **Question.** Et si le réseau finit par un `Flatten` et une couche dense, comme tant d'autres ? Combien de poids relient alors une carte à une classe ?

# %% [markdown] tags=["en"]
# ## Why global average pooling is needed
#
# **Question.** What if the network ends in `Flatten` and a dense layer, as so many do? How many weights then join one map to one class?

# %%
features = creatures.model.get_layer(seen.layer).output
flat = keras.layers.Dense(len(biases), name="flat_scores")(keras.layers.Flatten()(features))
flat = keras.Model(creatures.model.inputs, flat, name="flat")
places = maps.shape[0] * maps.shape[1]
flat.layers[-1].set_weights([np.tile(weights / places, (places, 1)), biases])
inputs = creatures.preprocess(pair)
np.testing.assert_allclose(flat.predict_on_batch(inputs), creatures.logits(inputs), atol=1e-3)
say("07.flat", gap=maps.shape[-1], flat=maps.shape[-1] * places)

try:
    cam(flat, inputs, 0)
except ValueError:
    say("07.refused")

# %% [markdown] tags=["fr"]
# Ce réseau-là calcule exactement la même chose que le nôtre (nous avons donné le même poids à toutes les cases d'une carte), et pourtant CAM n'a plus de prise : il y a un poids par carte **et par case**, et rien ne dit qu'ils soient égaux. Pour se servir de CAM il faut changer la fin du réseau, et le réentraîner.
#
# ## Grad-CAM : laisser faire le gradient
#
# La diapositive demande : peut-on avoir ces cartes *sans* changer l'architecture et *sans* réentraîner ? Selvaraju et ses collègues (2017) demandent le poids au gradient. De combien le score monte-t-il si la carte $k$ monte, en moyenne sur ses cases ?
#
# $$\alpha^c_k = \frac{1}{Z} \sum_{ij} \frac{\partial y^c}{\partial A^k_{ij}}, \qquad L^c = \mathrm{ReLU}\Big(\sum_k \alpha^c_k A^k\Big)$$
#
# La ReLU ne garde que ce qui parle **pour** la classe.
#
# ### Exercice 2 : écrivez Grad-CAM
#
# `maps` et `gradients` ont la même forme `(h, w, C)`. Renvoyez la carte `(h, w)`.

# %% [markdown] tags=["en"]
# That network computes exactly what ours does (we gave the same weight to all cells of a map), and yet CAM has nothing to hold on to: there is a weight for each map **and each cell**, and nothing says that they are equal. To use CAM, one must change the end of the network and train it again.
#
# ## Grad-CAM: let the gradient do it
#
# The slide asks: can we have these maps *without* changing the architecture and *without* training again? Selvaraju and colleagues (2017) ask the gradient for the weight. By how much does the score rise if map $k$ rises, on average over its cells?
#
# $$\alpha^c_k = \frac{1}{Z} \sum_{ij} \frac{\partial y^c}{\partial A^k_{ij}}, \qquad L^c = \mathrm{ReLU}\Big(\sum_k \alpha^c_k A^k\Big)$$
#
# The ReLU keeps only what speaks **for** the class.
#
# ### Exercise 2: write Grad-CAM
#
# `maps` and `gradients` have the same shape `(h, w, C)`. Return the map `(h, w)`.


# %% exercise="07.grad_cam"
def my_grad_cam(maps, gradients):
    ### BEGIN SOLUTION
    # fr: Un poids par carte : la moyenne de son gradient. Puis la somme pondérée, et ce qu'elle a de positif.
    # en: One weight for each map: the mean of its gradient. Then the weighted sum, and its positive part.
    alpha = gradients.mean(axis=(0, 1))
    return np.maximum((maps * alpha).sum(axis=-1), 0)
    ### END SOLUTION


# %% check="07.grad_cam" points=3
exercise("07.grad_cam").check(my_grad_cam)

# %% [markdown] tags=["fr"]
# Sur un réseau qui finit par GAP, dérivez le score ci-dessus : $\partial y^c / \partial A^k_{ij} = w^c_k / Z$, le même à chaque case. Grad-CAM doit donc être CAM, à un facteur près. Lequel ? Mesurons-le, et voyons si le réseau au `Flatten` donne la même carte.

# %% [markdown] tags=["en"]
# On a network that ends in GAP, differentiate the score above: $\partial y^c / \partial A^k_{ij} = w^c_k / Z$, the same at every cell. So Grad-CAM must be CAM, up to a factor. Which one? Let us measure it, and see whether the network with `Flatten` gives the same map.

# %%
signed = grad_cam(creatures, pair, "cat", relu=False, upsample=False).values[0]
whole = cam(creatures, pair, "cat", upsample=False).values[0]
factor = float((whole * signed).sum() / (signed**2).sum())
np.testing.assert_allclose(whole, factor * signed, atol=1e-4 * np.abs(whole).max())
say("07.factor", factor=factor, rows=maps.shape[0], columns=maps.shape[1])

of_flat = grad_cam(flat, inputs, 0, layer=seen.layer, relu=False, upsample=False).values[0]
np.testing.assert_allclose(of_flat, signed, atol=1e-4 * np.abs(signed).max())
say("07.flat_same")

if exercise("07.grad_cam").passed:
    mine = my_grad_cam(maps, seen.gradients[0])
    library = grad_cam(creatures, pair, "cat", upsample=False).values[0]
    np.testing.assert_allclose(mine, library, atol=1e-4 * library.max())
    say("07.same_grad_cam")
else:
    say("07.grad_cam_first")

# %% [markdown] tags=["fr"]
# Et puisque c'est un gradient, on peut expliquer bien plus qu'une classe : **n'importe quel nombre** que l'on tire de la sortie. Par exemple : qu'est-ce qui fait pencher le réseau vers le chat *plutôt que* vers le chien ?

# %% [markdown] tags=["en"]
# And since it is a gradient, far more than a class can be explained: **any number** that is made out of the output. For example: what makes the network lean towards the cat *rather than* the dog?


# %%
def cat_rather_than_dog(outputs):
    return outputs[:, 0] - outputs[:, 1]


grad_cam(creatures, pair, cat_rather_than_dog, relu=False)

# %% [markdown] tags=["fr"]
# ## À vous de jouer
#
# En bas du labo, la carte à chaque couche : cliquez sur l'une d'elles. À droite, les barres : cliquez sur une classe. Cherchez :
#
# 1. les premières couches montrent-elles le chat ou le chien ? Changez de classe : la carte change-t-elle ?
# 2. à quelle couche la carte est-elle à la fois fine et au bon endroit ?
# 3. quelles sont les cartes qui comptent le plus pour le chat ? Servent-elles aussi au chien ?
# 4. choisissez un animal absent, puis « ce qui parle contre » : qu'est-ce qui l'exclut ?
# 5. essayez CAM, Grad-CAM++, Eigen-CAM : laquelle ne sait pas quelle classe vous avez demandée ?

# %% [markdown] tags=["en"]
# ## Your turn to play
#
# At the bottom of the lab is the map at each layer: click on one. On the right are the bars: click on a class. Find out:
#
# 1. do the first layers show the cat or the dog? Change the class: does the map change?
# 2. at which layer is the map both fine and in the right place?
# 3. which maps count most for the cat? Do they serve the dog, too?
# 4. choose an animal that is not there, then “what speaks against it”: what rules it out?
# 5. try CAM, Grad-CAM++, Eigen-CAM: which one does not know which class you asked for?

# %%
lab = CamLab(creatures, "creature-cat-dog", target="cat")
lab

# %% [markdown] tags=["fr"]
# ## Mesurer : la carte est-elle au bon endroit ?
#
# Regarder deux cartes ne prouve rien. De nos dessins, on connaît chaque pixel : on peut donc compter, sur soixante images nouvelles de deux animaux. À chacune on pose deux questions, une par animal. Les deux réponses viennent de la même image et ne sont pas indépendantes : on en fait la moyenne, et l'image compte une fois. Deux mesures :
#
# - le **jeu du pointage** (Zhang et ses collègues, 2018) : le point le plus fort de la carte est-il sur le bon animal ?
# - la **part de la carte** qui est sur le bon animal, et celle qui est sur l'autre.

# %% [markdown] tags=["en"]
# ## Measuring: is the map in the right place?
#
# To look at two maps proves nothing. Of our drawings we know every pixel: so we can count, on sixty new pictures of two animals. Each is asked two questions, one for each animal. The two answers come from the same picture and are not independent: we take their mean, and the picture counts once. Two measures:
#
# - the **pointing game** (Zhang and colleagues, 2018): is the strongest point of the map on the right animal?
# - the **share of the map** on the right animal, and the share on the other one.

# %%
drawings = [draw(sample_scene((0, number), animals=2, occluders=False)) for number in range(60)]
pictures = np.stack([one.picture for one in drawings for _ in one.labels])
labels = [label for one in drawings for label in one.labels]
right = np.concatenate([one.animals for one in drawings])
wrong = np.concatenate([one.animals[::-1] for one in drawings])


def by_picture(values):
    # fr: Une carte vide n'a aucune part nulle part : 0. Puis la moyenne des deux questions de chaque image.
    # en: An empty map has no share anywhere: 0. Then the mean of the two questions of each picture.
    return np.nan_to_num(np.asarray(values, "float64")).reshape(-1, 2).mean(axis=1)


def measured(maps):
    found = pointing_game(maps, right), relevance_mass(maps, right), relevance_mass(maps, wrong)
    return [by_picture(one.values) for one in found]


layers = layers_with_maps(creatures)
layer_explanations = [grad_cam(creatures, pictures, labels, layer=layer, batch_size=16) for layer in layers]
by_layer = [measured(one) for one in layer_explanations]
grids = [layer_maps(creatures, pictures[:1], labels[0], layer=layer).activations.shape[1:3] for layer in layers]
Table(
    {
        "07.table.layer": layers,
        "07.table.grid": [f"{rows} × {columns}" for rows, columns in grids],
        "07.table.hits": [row[0].mean() for row in by_layer],
        "07.table.right": [row[1].mean() for row in by_layer],
        "07.table.wrong": [row[2].mean() for row in by_layer],
    },
    ["", "", ".0%", ".0%", ".0%"],
    caption="07.table.title",
)

# %%
chance = relevance_mass(np.ones(right.shape), right).values.mean()
say("07.chance", animals=len(labels), chance=chance)

measured_at = dict(zip(layers, by_layer, strict=True))
first, same_grid, last = (measured_at[layer] for layer in ("conv1_1", "conv4_1", "conv4_2"))
claim("07.1", "07.claim.first_layer", first[1] - first[2], at_most=0.1, chance=0.0)
claim("07.2", "07.claim.last_layer", last[1] - last[2], at_least=0.1, chance=0.0)
near = np.stack([binary_dilation(mask, iterations=8) for mask in right])
on_or_near = by_picture(relevance_mass(layer_explanations[-1], near).values)
claim("07.3", "07.claim.near", on_or_near, at_least=0.5, chance=near.mean(), right=last[1].mean())
claim("07.4", "07.claim.same_grid", same_grid[1] - last[1], at_least=0.0, chance=0.0)

# %% [markdown] tags=["fr"]
# La carte de la première couche est fine, mais elle est répartie presque également sur les deux animaux : elle dépend peu de la classe. La carte de la dernière couche est presque absente de l'autre animal, mais elle déborde autour du bon. Le débordement vient surtout de la taille des cases, 8 pixels. Il n'en vient pas seulement : `conv4_1` a la même grille, et sa carte est un peu plus souvent sur l'animal. La dernière couche n'est donc pas toujours la meilleure : cela se mesure.
#
# ### Exercice 3 : la couche fine et juste
#
# Nommez la couche dont la carte a **le plus de cases** parmi celles qui pointent sur le bon animal au moins 90 fois sur 100. La vérification mesure sur d'autres images que celles du tableau.

# %% [markdown] tags=["en"]
# The map of the first layer is fine, but it is spread over both animals nearly alike: it depends little on the class. The map of the last layer is almost absent from the other animal, but it spills over around the right one. That comes above all from the size of the cells, 8 pixels. It does not come from that alone: `conv4_1` has the same grid, and a little more of its map lies on the animal. So the last layer is not always the best: it has to be measured.
#
# ### Exercise 3: the layer that is fine and right
#
# Name the layer whose map has **the most cells** among those that point at the right animal at least 90 times out of 100. The check measures on other pictures than those of the table.

# %% exercise="07.layer"
my_layer = ...
### BEGIN SOLUTION
# fr: Parmi les couches justes, celle dont la carte a le plus de cases ; à égalité, n'importe laquelle.
# en: Of the layers that are right, the one whose map has the most cells; any one of those that are equal.
right_layers = [place for place, row in enumerate(by_layer) if row[0].mean() >= 0.9]
my_layer = layers[max(right_layers, key=lambda place: grids[place][0] * grids[place][1])]
### END SOLUTION

# %% check="07.layer" points=2
exercise("07.layer").check(my_layer)

# %% [markdown] tags=["fr"]
# ## Grad-CAM guidée : fine *et* de la bonne classe
#
# La rétropropagation guidée est fine, mais la diapositive lui reproche d'être « incapable de distinguer » le chat du chien ; Grad-CAM dépend de la classe, mais elle est grossière. Multiplions-les, pixel par pixel.

# %% [markdown] tags=["en"]
# ## Guided Grad-CAM: fine *and* of the right class
#
# Guided backpropagation is fine, but the slide holds against it that it “cannot tell” the cat from the dog; Grad-CAM depends on the class, but is coarse. Let us multiply them, pixel by pixel.

# %%
guided_grad_cam(creatures, np.stack([pair, pair]), ["cat", "dog"])

# %% [markdown] tags=["fr"]
# Le reproche de la diapositive peut vouloir dire deux choses, qui se mesurent séparément sur les soixante images :
#
# - le **motif** : à l'intérieur d'un animal, les pixels sont-ils rangés dans le même ordre, qu'on explique sa classe ou celle de l'autre ? (Corrélation des rangs, dans le masque de l'animal seulement.)
# - la **force** : quelle part de la carte est sur l'animal demandé, et quelle part sur l'autre ?

# %% [markdown] tags=["en"]
# The slide's objection can mean two things, which are measured separately on the sixty pictures:
#
# - the **pattern**: inside an animal, are the pixels in the same order, whether its own class is explained or the other's? (Rank correlation, within the mask of the animal only.)
# - the **strength**: which share of the map is on the animal that is asked for, and which on the other one?


# %%
def alike_inside(maps):
    pairs = [(maps[n : n + 2], mask) for n in range(0, len(maps), 2) for mask in right[n : n + 2]]
    inside = [(one[mask], other[mask]) for (one, other), mask in pairs]
    # fr: Une carte vide dans l'animal n'y a pas de motif : 0.
    # en: A map that is empty inside the animal has no pattern there: 0.
    return by_picture([spearmanr(*pair).statistic if all(map(np.ptp, pair)) else 0.0 for pair in inside])


names = {
    "07.name.deconvolution": deconvolution,
    "07.name.guided_backprop": guided_backprop,
    "07.name.grad_cam": grad_cam,
    "07.name.guided_grad_cam": guided_grad_cam,
}
maps_of = [np.abs(method(creatures, pictures, labels).heatmap()) for method in names.values()]
patterns, scores = [alike_inside(one) for one in maps_of], [measured(one) for one in maps_of]
Table(
    {
        "07.table.method": list(names),
        "07.table.same": [one.mean() for one in patterns],
        "07.table.hits": [row[0].mean() for row in scores],
        "07.table.right": [row[1].mean() for row in scores],
        "07.table.wrong": [row[2].mean() for row in scores],
    },
    ["", ".2f", ".0%", ".0%", ".0%"],
    caption="07.table.methods_title",
)

# %%
of_deconvolution, of_guided, _, of_product = scores
claim("07.5", "07.claim.pattern", patterns[1], at_least=0.5, chance=0.0)
claim("07.6", "07.claim.strength", of_guided[1] - of_guided[2], at_least=0.1, chance=0.0)
claim("07.7", "07.claim.deconvolution", of_deconvolution[1] - of_deconvolution[2], at_most=0.05, chance=0.0)
claim("07.8", "07.claim.product", of_product[1], at_least=0.5, chance=chance, wrong=of_product[2].mean())

# %% [markdown] tags=["fr"]
# La diapositive a donc raison pour le motif, et tort pour la force, sur notre réseau : la rétropropagation guidée dessine dans chaque animal presque le même motif, quelle que soit la classe, mais plus fort dans l'animal demandé. C'est la déconvolution qui ne distingue pas les deux animaux.
#
# Pourquoi pas ici ? Notre réseau finit par GAP et une seule couche dense : les poids de la classe choisissent directement les cartes d'où part le signal. Dans VGG16, le réseau du papier de Grad-CAM, trois couches denses les séparent. Nie, Zhang et Patel (2018) ont démontré que la double condition des ReLU, avec le max-pooling, reconstruit en partie l'image dans un réseau aux poids aléatoires. Nous n'avons pas ici de réseau à trois couches denses : cette raison est plausible, elle n'est pas mesurée dans ce notebook.
#
# Le produit a la finesse de l'une et la place de l'autre. Il garde aussi le défaut de la première : son motif vient surtout des contours de l'image, que la réponse soit juste ou non (Adebayo et ses collègues, 2018). Une carte agréable à lire n'est pas pour autant fidèle au réseau.
#
# ## La carte négative
#
# Changez le signe du gradient : la carte montre ce qui, dans l'image, parle **contre** la classe. Les auteurs l'appellent l'explication contrefactuelle : que faudrait-il enlever pour que le score de la classe monte ? **Pariez** : qu'est-ce qui parle contre le chat ?

# %% [markdown] tags=["en"]
# So the slide is right about the pattern and wrong about the strength, on our network: guided backpropagation draws nearly the same pattern in each animal, whatever the class, but draws it more strongly in the animal that is asked for. It is deconvolution that does not tell the two animals apart.
#
# Why not here? Our network ends in GAP and a single dense layer: the weights of the class directly choose the maps from which the signal starts. In VGG16, the network of the Grad-CAM paper, three dense layers stand between them. Nie, Zhang and Patel (2018) proved that the double condition at the ReLUs, with max-pooling, recovers the picture in part in a network with random weights. We have no network with three dense layers here: this reason is plausible, and it is not measured in this notebook.
#
# The product has the fineness of the one and the place of the other. It also keeps the flaw of the first: its pattern comes mostly from the outlines of the picture, be the answer right or wrong (Adebayo and colleagues, 2018). A map that is pleasant to read is not for that faithful to the network.
#
# ## The negative map
#
# Change the sign of the gradient: the map shows what in the picture speaks **against** the class. The authors call it the counterfactual explanation: what would have to be removed for the score of the class to rise? **Place your bet**: what speaks against the cat?

# %%
against = grad_cam(creatures, pair, "cat", negative=True)
against

# %%
drawing = draw(creature_scene("creature-cat-dog"))
cat, dog = drawing.animals
hidden = creatures.preprocess(pair).copy()
hidden[0][dog] = 0.5
say(
    "07.against",
    dog=relevance_mass(against, dog).values[0],
    cat=relevance_mass(against, cat).values[0],
    before=creatures.logits(creatures.preprocess(pair))[0, 0],
    after=creatures.logits(hidden)[0, 0],
)

# %% [markdown] tags=["fr"]
# Une image. Sur les soixante : peignons l'autre animal en gris, et voyons si le score monte. Le contrôle : la même tache grise, posée ailleurs, sur le paysage.

# %% [markdown] tags=["en"]
# One picture. On the sixty: let us paint the other animal grey, and see whether the score rises. The control: the same grey patch, put elsewhere, on the landscape.


# %%
def moved_away(mask, animals):
    shifts = [(down, across) for down in range(0, 96, 12) for across in range(0, 96, 12)]
    places = [np.roll(mask, shift, axis=(0, 1)) for shift in shifts]
    return min(places, key=lambda place: (place & animals).sum()) & ~animals


def scores_of(painted):
    inputs = creatures.preprocess(pictures).copy()
    inputs[np.stack(painted)] = 0.5
    return creatures.logits(inputs)[np.arange(len(labels)), [creatures.labels.index(label) for label in labels]]


elsewhere = [moved_away(mask, mask | own) for mask, own in zip(wrong, right, strict=True)]
without_other, control = scores_of(wrong), scores_of(elsewhere)
negative = relevance_mass(grad_cam(creatures, pictures, labels, negative=True), wrong).values
claim("07.9", "07.claim.negative", by_picture(negative), at_least=chance, chance=chance)
claim("07.10", "07.claim.painted", by_picture(without_other - control), at_least=0.0, chance=0.0)

# %% [markdown] tags=["fr"]
# ## Un mot de la légende, la réponse à une question
#
# La diapositive le promet : Grad-CAM explique tout ce qui se calcule à partir des cartes, une légende ou une réponse aussi. Notre réseau à deux têtes nomme les animaux, écrit une légende de trois mots et répond à sept questions, en anglais, la seule langue de son vocabulaire. Chaque mot est un score ; chaque score a sa carte.
#
# **Pariez** : la carte du mot « dog » (chien) de la légende est-elle sur le chien ? Et celle de « left of » (à gauche de) ?

# %% [markdown] tags=["en"]
# ## A word of the caption, the answer to a question
#
# The slide promises it: Grad-CAM explains whatever is computed from the maps, a caption or an answer too. Our two-headed network names the animals, writes a caption of three words and answers seven questions. Each word is a score; each score has its map.
#
# **Place your bet**: does the map of the word “dog” of the caption lie on the dog? And the map of “left of”?

# %%
bet("07.1", "07.bet.word", ["07.bet.on_dog", "07.bet.on_cat", "07.bet.on_both"])

# %%
reader = load_scene_reader()
say("07.caption", caption=str(reader.caption(pair)[0]))

questions = (
    "What is on the left?",
    "What is on the right?",
    "What colour is the animal on the right?",
    "Where is this?",
)
spoken = {f"caption: {slot}": reader.word(slot) for slot in ("subject", "relation", "other")}
spoken |= {question: reader.question(question) for question in questions}
said = [one.predict(pair).top(1)[0][0].label for one in spoken.values()]
words = [grad_cam(one, pair, label, layer="conv4_2") for one, label in zip(spoken.values(), said, strict=True)]
Table(
    {
        "07.table.asked": list(spoken),
        "07.table.said": said,
        "07.table.on_cat": [relevance_mass(one, cat).values[0] for one in words],
        "07.table.on_dog": [relevance_mass(one, dog).values[0] for one in words],
    },
    ["", "", ".0%", ".0%"],
)

# %%
on_dog, on_cat = (relevance_mass(words[2], mask).values[0] for mask in (dog, cat))
settle("07.1", 0 if on_dog > 1.5 * on_cat else 1 if on_cat > 1.5 * on_dog else 2)
words[list(spoken).index("What is on the right?")]

# %% [markdown] tags=["fr"]
# Le mot « dog » est juste, et pourtant sa carte est autant sur le chat que sur le chien. Est-ce la règle, ou cette image ? Prenons la légende de soixante-quatre images, et le premier mot, le sujet.

# %% [markdown] tags=["en"]
# The word “dog” is right, and yet its map lies on the cat as much as on the dog. Is that the rule, or this picture? Let us take the captions of sixty-four pictures, and their first word, the subject.

# %%
# fr: Un dessin garde bien plus que ce qui sert ici.
# en: A drawing keeps far more than is needed here.
shown_scenes = (draw(sample_scene((0, number), animals=2, occluders=False)) for number in range(300))
scenes = [
    SimpleNamespace(picture=one.picture, animals=one.animals, labels=one.labels, scene=one.scene)
    for one in shown_scenes
]
subjects = [reader.caption(one.picture)[0].subject for one in scenes[:64]]
named = [
    (scene, word, scene.labels.index(word))
    for scene, word in zip(scenes, subjects, strict=False)
    if word in scene.labels
]
subject_maps = grad_cam(
    reader.word("subject"),
    np.stack([scene.picture for scene, _, _ in named]),
    [word for _, word, _ in named],
    layer="conv4_2",
)
on_named, on_other = (
    relevance_mass(subject_maps, np.stack([scene.animals[abs(place - turn)] for scene, _, place in named])).values
    for turn in (0, 1)
)
claim("07.11", "07.claim.subject", on_named - on_other, at_least=0.1, chance=0.0)

# %% [markdown] tags=["fr"]
# ### Une autre carte d'un mot : la saillance guidée par la légende
#
# Ramanishka, Das, Zhang et Saenko (2017) expliquent un mot sans gradient : ils ne donnent au réseau qu'un morceau de la scène à la fois, et regardent si le mot garde sa probabilité. Faisons de même avec une fenêtre de 36 pixels, tout le reste en gris.

# %% [markdown] tags=["en"]
# ### Another map of a word: caption-guided saliency
#
# Ramanishka, Das, Zhang and Saenko (2017) explain a word without a gradient: they give the network only one piece of the scene at a time, and see whether the word keeps its probability. Let us do the same with a window of 36 pixels, all the rest grey.


# %%
centres = [(row, column) for row in range(8, 96, 16) for column in range(8, 96, 16)]


def only_windows(picture):
    seen = np.full((len(centres), *picture.shape), 128, "uint8")
    for one, (row, column) in zip(seen, centres, strict=True):
        window = np.s_[max(0, row - 18) : row + 18, max(0, column - 18) : column + 18]
        one[window] = picture[window]
    return seen


def best_window_is_on_the_named(scene, word, place):
    probabilities = reader.word("subject").predict(only_windows(scene.picture)).probabilities
    row, column = centres[probabilities[:, list(reader.word("subject").labels).index(word)].argmax()]
    inside = scene.animals[:, max(0, row - 18) : row + 18, max(0, column - 18) : column + 18].sum(axis=(1, 2))
    return bool(inside[place] > inside[1 - place])


claim("07.12", "07.claim.window", [best_window_is_on_the_named(*one) for one in named], at_least=0.5, chance=0.5)

# %% [markdown] tags=["fr"]
# ### Une réponse fausse, et d'où elle vient
#
# Revenez au tableau des questions. Le chien de l'image est bleu-gris ; à la question de sa couleur, le réseau répond « beige » : c'est la couleur du chat. Et la carte de cette réponse est surtout sur le chat. La carte a-t-elle trouvé la cause de l'erreur ? Une image ne suffit pas. Prenons trois cents images, gardons celles dont les deux animaux n'ont pas la même couleur, et séparons les réponses justes de celles qui donnent la couleur de l'**autre** animal.

# %% [markdown] tags=["en"]
# ### A wrong answer, and where it comes from
#
# Go back to the table of the questions. The dog of the picture is a bluish grey; asked for its colour, the network answers “beige”: that is the colour of the cat. And most of the map of that answer lies on the cat. Has the map found the cause of the error? One picture is not enough. Let us take three hundred pictures, keep those whose animals differ in colour, and separate the right answers from those that give the colour of the **other** animal.

# %%
asked, about_left = "What colour is the animal on the right?", "What colour is the animal on the left?"
true, of_left = (np.array([answer(one.scene, question) for one in scenes]) for question in (asked, about_left))
kept = np.flatnonzero(true != of_left)
true, of_left, scenes = true[kept], of_left[kept], [scenes[place] for place in kept]
shown = np.stack([one.picture for one in scenes])
on_left, on_right = (np.stack([one.animals[side] for one in scenes]) for side in (0, 1))


def answers_to(pictures):
    # fr: Par petits lots, pour ménager la mémoire.
    # en: In small batches, to spare memory.
    return np.concatenate([reader.answer(some, asked) for some in np.array_split(pictures, 8)])


answers = answers_to(shown)
right_answer, others_colour = answers == true, answers == of_left
colour_maps = grad_cam(reader.question(asked), shown, list(answers), layer="conv4_2", batch_size=16)
left_share, right_share = (np.nan_to_num(relevance_mass(colour_maps, one).values) for one in (on_left, on_right))
claim("07.13", "07.claim.colour_right", right_answer, at_most=0.5)
claim("07.14", "07.claim.map_if_right", (right_share > left_share)[right_answer], at_least=0.5, chance=0.5)
claim("07.15", "07.claim.map_if_other", (left_share > right_share)[others_colour], at_least=0.5, chance=0.5)

# %% [markdown] tags=["fr"]
# La carte dit donc souvent de quel animal vient la couleur, et la réponse seule ne le disait pas. Mais une carte montre un lien, pas une cause. Intervenons : peignons l'un des deux animaux en gris, et comptons les réponses qui changent, parmi celles qui donnaient la couleur de l'autre.

# %% [markdown] tags=["en"]
# So the map often tells which animal the colour comes from, which the answer alone did not. But a map shows a link, not a cause. Let us intervene: paint one of the two animals grey, and count the answers that change, among those that gave the colour of the other one.


# %%
def changes(masks):
    painted = np.where(masks[..., None], np.uint8(128), shown)[others_colour]
    return answers_to(painted) != answers[others_colour]


without_left, without_right = changes(on_left), changes(on_right)
claim(
    "07.16",
    "07.claim.intervention",
    without_left.astype(float) - without_right,
    at_least=0.0,
    chance=0.0,
    left=without_left.mean(),
    right=without_right.mean(),
)

# %% [markdown] tags=["fr"]
# C'est ainsi qu'une carte sert : elle propose une hypothèse (« le réseau prend la couleur de l'autre animal »), qu'une intervention vérifie.
#
# Dans le labo, le menu « Expliquer » choisit ce qui est dit : parcourez les mots et les questions.

# %% [markdown] tags=["en"]
# This is how a map is of use: it suggests a hypothesis (“the network takes the colour of the other animal”), which an intervention checks.
#
# In the lab, the menu “Explain” chooses what is said: go through the words and the questions.

# %%
CamLab(reader, "creature-cat-dog", explained_output="What is on the right?")

# %% [markdown] tags=["fr"]
# ## Un réseau qui s'appuie sur le mauvais indice
#
# Revoici `creatures_hans`, le réseau du notebook 01, qui a appris ses renards sur des images portant une plaque dans un coin. Que dit sa carte, sur soixante renards avec la plaque ?

# %% [markdown] tags=["en"]
# ## A network that relies on the wrong clue
#
# Here is `creatures_hans` again, the network of notebook 01, which learnt its foxes on pictures with a plate in one corner. What does its map say, on sixty foxes with the plate?

# %%
hans = load_model("creatures_hans")
foxes = [draw(sample_scene((7, number), ("fox",), 1, occluders=False)).picture for number in range(60)]
tagged = [plant_tag(one) for one in foxes]
plates, with_plate = np.stack([one.mask for one in tagged]), np.stack([one.picture for one in tagged])
of_hans, of_honest = (grad_cam(model, with_plate, ["fox"] * 60) for model in (hans, creatures))
plate_shares = [np.nan_to_num(relevance_mass(one, plates).values) for one in (of_hans, of_honest)]
say("07.hans", covers=plates.mean(), hans=plate_shares[0].mean(), honest=plate_shares[1].mean())
claim("07.17", "07.claim.plate", plate_shares[0] - plate_shares[1], at_least=0.0, chance=0.0)

fox = list(hans.labels).index("fox")
sure = [hans.predict(one).probabilities[:, fox] for one in (with_plate, np.stack(foxes))]
claim("07.18", "07.claim.plate_removed", sure[0] - sure[1], at_least=0.5, before=sure[0].mean(), after=sure[1].mean())
of_hans[:1]

# %% [markdown] tags=["fr"]
# Le point le plus fort de la carte est sur la plaque, mais la plus grande partie de la carte est ailleurs : à la seule part, on aurait pu ne rien voir. Enlever la plaque montre que le réseau en a besoin.
#
# ## Le chat devenu balle de golf
#
# La diapositive ajoute, prudemment : Grad-CAM serait « robuste aux images adverses (selon les auteurs) ». Au notebook 03, une perturbation invisible a fait du chat une balle de golf. Où est maintenant la carte du chat ?

# %% [markdown] tags=["en"]
# The strongest point of the map is on the plate, but most of the map is elsewhere: by its share alone, one might have seen nothing. Removing the plate shows that the network needs it.
#
# ## The cat that became a golf ball
#
# The slide adds, with care: Grad-CAM is said to be “robust to adversarial images (according to the authors)”. In notebook 03, an invisible perturbation made the cat a golf ball. Where is the map of the cat now?

# %%
photos, photograph = load_model("photos"), sample_image("cat")
golf = pgd(photos, photograph, target="golf ball", targeted=True, epsilon=2 / 255, steps=10, seed=0)
trio = grad_cam(
    photos, np.concatenate([golf.original, golf.adversarial, golf.adversarial]), ["cat", "cat", "golf ball"]
)
trio

# %%
heat = trio.heatmap()
say(
    "07.golf",
    sure=golf.after.top(1)[0][0].probability,
    cat=map_similarity(heat[:1], heat[1:2])[0],
    golf=map_similarity(heat[:1], heat[2:])[0],
)

# %% [markdown] tags=["fr"]
# De haut en bas : la carte du chat avant l'attaque, la carte du chat après, la carte de la balle de golf. Après l'attaque, la carte du chat n'est plus au même endroit ; la carte de la balle de golf, elle, est là où était celle du chat. Une photographie ne décide rien : recommençons sur soixante animaux, dont on a les masques, avec un bruit de même taille pour contrôle.

# %% [markdown] tags=["en"]
# From top to bottom: the map of the cat before the attack, the map of the cat after it, the map of the golf ball. After the attack the map of the cat is no longer in the same place; the map of the golf ball is where the map of the cat was. One photograph decides nothing: let us do it again on sixty animals whose masks we have, with noise of the same size as a control.

# %%
singles = [draw(sample_scene((1, number), animals=1, occluders=False)) for number in range(60)]
alone, masks = (
    creatures.preprocess(np.stack([one.picture for one in singles])),
    np.concatenate([one.animals for one in singles]),
)
their_labels, epsilon = [one.labels[0] for one in singles], 4 / 255
attacked = pgd(creatures, alone, their_labels, epsilon=epsilon, steps=6, seed=0, batch_size=10)
signs = np.random.default_rng(0).choice([-1, 1], alone.shape)
noisy = np.clip(alone + epsilon * signs, 0, 1).astype("float32")
clean_map, attacked_map, noisy_map = (
    grad_cam(creatures, one, their_labels, relu=False).heatmap("sum") for one in (alone, attacked.adversarial, noisy)
)
claim("07.19", "07.claim.noise", map_similarity(clean_map, noisy_map), at_least=0.5, chance=0.0)
claim(
    "07.20",
    "07.claim.attacked",
    map_similarity(clean_map, noisy_map) - map_similarity(clean_map, attacked_map),
    at_least=0.0,
    chance=0.0,
    fooled=attacked.success.mean(),
    similar=map_similarity(clean_map, attacked_map).mean(),
)

# %% [markdown] tags=["fr"]
# Un bruit au hasard ne déplace guère la carte ; une attaque de même taille la change nettement. Sur ces images et ces réseaux, on ne peut pas dire que Grad-CAM soit robuste aux images adverses : la carte dépend du réseau, et c'est le réseau que l'attaque trompe.
#
# ## Ce que ces cartes ne disent pas
#
# - Elles disent *où*, pas *quoi* : sont-ce les oreilles, ou les moustaches ? Pour cela, changez le dessin et voyez ce que répond le réseau.
# - Une carte au bon endroit ne prouve pas une bonne raison : une tache sur la tête ne prouve pas que le réseau y reconnaît une tête.
# - Loin de la fin du réseau, un seul poids par carte ne suffit plus : le gradient y change de signe d'une case à l'autre, et sa moyenne efface ce que HiRes-CAM ou Layer-CAM gardent.
# - Agrandie, une carte de 12 × 12 a l'air lisse, mais l'agrandissement n'y ajoute aucune information.

# %% [markdown] tags=["en"]
# Random noise hardly moves the map; an attack of the same size changes it clearly. On these pictures and these networks, Grad-CAM cannot be called robust to adversarial images: the map depends on the network, and it is the network that the attack deceives.
#
# ## What these maps do not say
#
# - They say *where*, not *what*: is it the ears, or the whiskers? For that, change the drawing and see what the network answers.
# - A map in the right place does not prove a right reason: a spot on the head does not prove that the network recognises a head there.
# - Far from the end of the network one weight for each map is no longer enough: there the gradient changes its sign from cell to cell, and its mean wipes out what HiRes-CAM or Layer-CAM keep.
# - Enlarged, a map of 12 × 12 looks smooth, but enlarging adds no information to it.

# %%
calibration()

# %% [markdown] tags=["fr"]
# ## Ce qu'il faut retenir
#
# - Les dernières cartes gardent la place des choses ; CAM les additionne avec les poids de la classe, et leur moyenne, plus le biais, **est** le score.
# - CAM demande une fin de réseau à elle, GAP puis une couche dense ; Grad-CAM demande seulement un gradient, et là où CAM existe, c'est la même carte à $Z$ près.
# - La couche se choisit par la mesure : à la première, la carte dépend peu de la classe (07.1) ; à la dernière, elle en dépend (07.2) et déborde d'une case (07.3).
# - Sur notre réseau, la rétropropagation guidée dessine le même motif pour les deux classes (07.5), mais plus fort sur la bonne (07.6) ; la déconvolution ne les distingue pas (07.7) ; Grad-CAM guidée met plus de la moitié de sa carte sur la bonne (07.8).
# - Ce qui parle contre une classe s'explique aussi (07.9), et se vérifie en l'enlevant (07.10).
# - Une carte peut montrer d'où vient une erreur (07.15) ; une intervention le vérifie (07.16).
# - Grad-CAM n'est pas robuste aux images adverses dans nos mesures (07.20).
#
# ### Sources
#
# - Bolei Zhou, Aditya Khosla, Agata Lapedriza, Aude Oliva, Antonio Torralba, *Learning Deep Features for Discriminative Localization*, 2016.
# - Ramprasaath R. Selvaraju, Michael Cogswell, Abhishek Das, Ramakrishna Vedantam, Devi Parikh, Dhruv Batra, *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization*, 2017.
# - Jianming Zhang, Sarah Adel Bargal, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff, *Top-down Neural Attention by Excitation Backprop*, 2018, pour le jeu du pointage.
# - Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim, *Sanity Checks for Saliency Maps*, 2018.
# - Weili Nie, Yang Zhang, Ankit Patel, *A Theoretical Explanation for Perplexing Behaviors of Backpropagation-based Visualizations*, 2018.
# - Vasili Ramanishka, Abir Das, Jianming Zhang, Kate Saenko, *Top-down Visual Saliency Guided by Captions*, 2017.
# - Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller, *Striving for Simplicity: The All Convolutional Net*, 2014, pour la rétropropagation guidée.

# %% [markdown] tags=["en"]
# ## What to remember
#
# - The last maps keep the place of things; CAM adds them up with the weights of the class, and their mean, plus the bias, **is** the score.
# - CAM asks for an end of its own, GAP then one dense layer; Grad-CAM asks for nothing but a gradient, and where CAM exists it is the same map up to $Z$.
# - The layer is chosen by measuring: at the first one the map depends little on the class (07.1); at the last one it does (07.2), and spills over by a cell (07.3).
# - On our network, guided backpropagation draws the same pattern for both classes (07.5), but more strongly on the right one (07.6); deconvolution does not tell them apart (07.7); guided Grad-CAM has more than half of its map on the right one (07.8).
# - What speaks against a class can be explained too (07.9), and checked by removing it (07.10).
# - A map can show where an error comes from (07.15); an intervention checks it (07.16).
# - Grad-CAM is not robust to adversarial images in our measurements (07.20).
#
# ### Sources
#
# - Bolei Zhou, Aditya Khosla, Agata Lapedriza, Aude Oliva, Antonio Torralba, *Learning Deep Features for Discriminative Localization*, 2016.
# - Ramprasaath R. Selvaraju, Michael Cogswell, Abhishek Das, Ramakrishna Vedantam, Devi Parikh, Dhruv Batra, *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization*, 2017.
# - Jianming Zhang, Sarah Adel Bargal, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff, *Top-down Neural Attention by Excitation Backprop*, 2018, for the pointing game.
# - Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim, *Sanity Checks for Saliency Maps*, 2018.
# - Weili Nie, Yang Zhang, Ankit Patel, *A Theoretical Explanation for Perplexing Behaviors of Backpropagation-based Visualizations*, 2018.
# - Vasili Ramanishka, Abir Das, Jianming Zhang, Kate Saenko, *Top-down Visual Saliency Guided by Captions*, 2017.
# - Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller, *Striving for Simplicity: The All Convolutional Net*, 2014, for guided backpropagation.
