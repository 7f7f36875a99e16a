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
# Un chat et un chien dans une même image. Le réseau les a vus tous les deux. Demandez-lui où est le chat, puis où est le chien : il faudrait deux réponses différentes. La rétropropagation guidée, si nette, donne presque deux fois la même.
#
# À la fin de ce notebook, vous saurez tirer d'un réseau la carte d'une classe, écrire CAM et Grad-CAM vous-même, choisir la couche où regarder, et mesurer si la carte est au bon endroit.

# %% [markdown] tags=["en"]
# A cat and a dog in one picture. The network has seen them both. Ask it where the cat is, then where the dog is: two different answers are wanted. Guided backpropagation, sharp as it is, gives nearly the same one twice.
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
import keras
import numpy as np

from xai_widgets import CamLab, explain, load_model, load_scene_reader, sample_image
from xai_widgets.course import Table, exercise, say
from xai_widgets.datasets.creatures import draw, plant_tag, sample_scene
from xai_widgets.datasets.pictures.creature_samples import creature_scene
from xai_widgets.methods import (
    cam,
    grad_cam,
    guided_backprop,
    guided_grad_cam,
    layer_maps,
    layers_with_maps,
    map_similarity,
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
# Rouge : cela parle pour la classe ; bleu : cela parle contre elle. En haut la carte du chat, en bas celle du chien. Le même réseau, la même image, une seule passe ; seule la question a changé.
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
# Regarder deux images ne prouve rien. De nos dessins, on connaît chaque pixel : on peut donc compter, sur des images fraîches de deux animaux. Deux mesures :
#
# - le **jeu du pointage** (Zhang et ses collègues, 2018) : le point le plus fort de la carte est-il sur le bon animal ?
# - la **part de la carte** qui est sur le bon animal, et celle qui est sur l'autre.

# %% [markdown] tags=["en"]
# ## Measuring: is the map in the right place?
#
# To look at two pictures proves nothing. Of our drawings we know every pixel: so we can count, on fresh pictures of two animals. Two measures:
#
# - the **pointing game** (Zhang and colleagues, 2018): is the strongest point of the map on the right animal?
# - the **share of the map** on the right animal, and the share on the other one.

# %%
drawings = [draw(sample_scene((0, number), animals=2, occluders=False)) for number in range(16)]
pictures = np.stack([one.picture for one in drawings for _ in one.labels])
labels = [label for one in drawings for label in one.labels]
right = np.concatenate([one.animals for one in drawings])
wrong = np.concatenate([one.animals[::-1] for one in drawings])


def measured(explanation):
    on_right, on_wrong = (relevance_mass(explanation, masks) for masks in (right, wrong))
    return [pointing_game(explanation, right).values.mean(), np.nanmean(on_right.values), np.nanmean(on_wrong.values)]


layers = layers_with_maps(creatures)
by_layer = [measured(grad_cam(creatures, pictures, labels, layer=layer)) for layer in layers]
grids = [layer_maps(creatures, pictures[:1], labels[0], layer=layer).activations.shape[1:3] for layer in layers]
Table(
    {
        "07.table.layer": layers,
        "07.table.grid": [f"{rows} × {columns}" for rows, columns in grids],
        "07.table.hits": [row[0] for row in by_layer],
        "07.table.right": [row[1] for row in by_layer],
        "07.table.wrong": [row[2] for row in by_layer],
    },
    ["", "", ".0%", ".0%", ".0%"],
    caption="07.table.title",
)

# %%
chance = relevance_mass(np.ones(right.shape), right).values.mean()
say("07.chance", animals=len(labels), chance=chance)

# %% [markdown] tags=["fr"]
# Les premières couches dessinent les contours des deux animaux : fines, mais elles ne savent pas encore qui est qui. La dernière le sait, mais ses cases sont si grosses qu'elle déborde.
#
# ### Exercice 3 : la couche fine et juste
#
# Nommez la couche dont la carte a **le plus de cases** parmi celles qui pointent sur le bon animal au moins 95 fois sur 100. La vérification mesure sur d'autres images que celles du tableau.

# %% [markdown] tags=["en"]
# The first layers draw the outlines of both animals: fine, but they do not yet know who is who. The last one knows, but its cells are so large that the map spills over.
#
# ### Exercise 3: the layer that is fine and right
#
# Name the layer whose map has **the most cells** among those that point at the right animal at least 95 times out of 100. The check measures on other pictures than those of the table.

# %% exercise="07.layer"
my_layer = ...
### BEGIN SOLUTION
# fr: Parmi les couches justes, celle dont la carte a le plus de cases ; à égalité, n'importe laquelle.
# en: Of the layers that are right, the one whose map has the most cells; any one of those that are equal.
right_layers = [place for place, row in enumerate(by_layer) if row[0] >= 0.95]
my_layer = layers[max(right_layers, key=lambda place: grids[place][0] * grids[place][1])]
### END SOLUTION

# %% check="07.layer" points=2
exercise("07.layer").check(my_layer)

# %% [markdown] tags=["fr"]
# ## Grad-CAM guidée : fine *et* de la bonne classe
#
# La rétropropagation guidée est fine et ne sait pas de quelle classe on parle ; Grad-CAM le sait et est grossière. Multiplions-les, pixel par pixel.

# %% [markdown] tags=["en"]
# ## Guided Grad-CAM: fine *and* of the right class
#
# Guided backpropagation is fine and does not know which class is meant; Grad-CAM knows and is coarse. Let us multiply them, pixel by pixel.

# %%
guided_grad_cam(creatures, np.stack([pair, pair]), ["cat", "dog"])

# %%
names = {
    "guided_backprop": "07.name.guided_backprop",
    "grad_cam": "07.name.grad_cam",
    "guided_grad_cam": "07.name.guided_grad_cam",
}
same, scores = [], []
for name in names:
    one, other = (explain(creatures, pair, name, label).heatmap() for label in ("cat", "dog"))
    same.append(map_similarity(one, other)[0])
    scores.append(measured(np.abs(explain(creatures, pictures, name, labels).heatmap())))
Table(
    {
        "07.table.method": list(names.values()),
        "07.table.same": same,
        "07.table.hits": [row[0] for row in scores],
        "07.table.right": [row[1] for row in scores],
        "07.table.wrong": [row[2] for row in scores],
    },
    ["", ".2f", ".0%", ".0%", ".0%"],
)

# %% [markdown] tags=["fr"]
# C'est la critique de la diapositive, mesurée : pour le chat et pour le chien, la rétropropagation guidée rend presque la même carte. Le produit des deux hérite de la finesse de l'une et du « où » de l'autre. Mais il hérite aussi du défaut de la première : elle reconstitue les contours de l'image, réponse juste ou non (Adebayo et ses collègues, 2018). Belle n'est pas fidèle.
#
# ## La carte négative
#
# Changez le signe du gradient : la carte montre ce qui, dans l'image, parle **contre** la classe. Les auteurs l'appellent l'explication contrefactuelle : que faudrait-il enlever pour que le réseau y croie davantage ? **Pariez** : qu'est-ce qui parle contre le chat ?

# %% [markdown] tags=["en"]
# This is the slide's objection, measured: for the cat and for the dog, guided backpropagation returns nearly the same map. The product of the two inherits the fineness of the one and the “where” of the other. But it also inherits a flaw of the first: guided backpropagation rebuilds the outlines of the picture, be the answer right or wrong (Adebayo and colleagues, 2018). Beautiful is not faithful.
#
# ## The negative map
#
# Change the sign of the gradient: the map shows what in the picture speaks **against** the class. The authors call it the counterfactual explanation: what would have to go for the network to believe in it more? **Place your bet**: what speaks against the cat?

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
# ## Un mot de la légende, la réponse à une question
#
# La diapositive le promet : Grad-CAM explique tout ce qui se calcule à partir des cartes, une légende ou une réponse aussi. Notre réseau à deux têtes nomme les animaux, dit une légende de trois mots et répond à sept questions. Chaque mot est un score ; chaque score a sa carte.
#
# **Pariez** : le mot « dog » de la légende regarde-t-il le chien ? Et le mot « left of », que regarde-t-il ?

# %% [markdown] tags=["en"]
# ## A word of the caption, the answer to a question
#
# The slide promises it: Grad-CAM explains whatever is computed from the maps, a caption or an answer too. Our two-headed network names the animals, says a caption of three words and answers seven questions. Each word is a score; each score has its map.
#
# **Place your bet**: does the word “dog” of the caption look at the dog? And the word “left of”, what does it look at?

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
words[list(spoken).index("What is on the right?")]

# %% [markdown] tags=["fr"]
# Dans le labo, le menu « Expliquer » choisit ce qui est dit : parcourez les mots et les questions.

# %% [markdown] tags=["en"]
# In the lab, the menu “Explain” chooses what is said: go through the words and the questions.

# %%
CamLab(reader, "creature-cat-dog", explained_output="What is on the right?")

# %% [markdown] tags=["fr"]
# ## À quoi cela sert : prendre un réseau en faute
#
# Revoici `creatures_hans`, le réseau du notebook 01, qui a appris ses renards sur des images portant une plaque dans un coin. Il répond juste. Une carte l'avait trahi ; vous savez maintenant comment elle est faite. Que dit la mesure ?

# %% [markdown] tags=["en"]
# ## What it is good for: to catch a network out
#
# Here is `creatures_hans` again, the network of notebook 01, which learnt its foxes on pictures with a plate in one corner. It answers rightly. A map had given it away; now you know how the map is made. What does the measure say?

# %%
hans = load_model("creatures_hans")
tagged = plant_tag(draw(creature_scene("creature-fox")).picture)
of_hans, of_honest = (grad_cam(model, tagged.picture, "fox") for model in (hans, creatures))
say(
    "07.hans",
    covers=tagged.mask.mean(),
    hans=relevance_mass(of_hans, tagged.mask).values[0],
    honest=relevance_mass(of_honest, tagged.mask).values[0],
)
of_hans

# %% [markdown] tags=["fr"]
# ## Ce que ces cartes ne disent pas
#
# - Elles disent *où*, pas *quoi* : sont-ce les oreilles, ou les moustaches ? Pour cela, changez le dessin et voyez ce que répond le réseau.
# - Au bon endroit n'est pas pour la bonne raison : une tache sur la tête ne prouve pas que le réseau y voit une tête.
# - Loin de la fin du réseau, un seul poids par carte ne suffit plus : le gradient y change de signe d'une case à l'autre, et sa moyenne efface ce que HiRes-CAM ou Layer-CAM gardent.
# - Agrandie, une carte de 12 × 12 a l'air lisse ; elle n'en sait pas plus pour autant.

# %% [markdown] tags=["en"]
# ## What these maps do not say
#
# - They say *where*, not *what*: is it the ears, or the whiskers? For that, change the drawing and see what the network answers.
# - In the right place is not for the right reason: a spot on the head does not prove that the network sees a head there.
# - Far from the end of the network one weight for each map is no longer enough: there the gradient changes its sign from cell to cell, and its mean wipes out what HiRes-CAM or Layer-CAM keep.
# - Enlarged, a map of 12 × 12 looks smooth; it knows no more for that.

# %% [markdown] tags=["fr"]
# ## Ce qu'il faut retenir
#
# - Les dernières cartes savent encore où sont les choses ; CAM les additionne avec les poids de la classe, et leur moyenne **est** le score.
# - CAM demande une fin de réseau à elle, GAP puis une couche dense ; Grad-CAM demande seulement un gradient, et là où CAM existe, c'est la même carte à $Z$ près.
# - La couche choisie décide de tout : trop tôt, la carte est fine et fausse ; à la fin, elle est juste et grossière. Cela se mesure.
# - La rétropropagation guidée ne discrimine pas les classes ; Grad-CAM oui, et leur produit aussi.
# - Le signe compte : ce qui parle contre une classe est une explication aussi.
#
# ### Sources
#
# - Bolei Zhou, Aditya Khosla, Agata Lapedriza, Aude Oliva, Antonio Torralba, *Learning Deep Features for Discriminative Localization*, 2016.
# - Ramprasaath R. Selvaraju, Michael Cogswell, Abhishek Das, Ramakrishna Vedantam, Devi Parikh, Dhruv Batra, *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization*, 2017.
# - Jianming Zhang, Sarah Adel Bargal, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff, *Top-down Neural Attention by Excitation Backprop*, 2018, pour le jeu du pointage.
# - Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim, *Sanity Checks for Saliency Maps*, 2018.
# - Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller, *Striving for Simplicity: The All Convolutional Net*, 2014, pour la rétropropagation guidée.

# %% [markdown] tags=["en"]
# ## What to remember
#
# - The last maps still know where things are; CAM adds them up with the weights of the class, and their mean **is** the score.
# - CAM asks for an end of its own, GAP then one dense layer; Grad-CAM asks for nothing but a gradient, and where CAM exists it is the same map up to $Z$.
# - The chosen layer decides everything: too early, the map is fine and wrong; at the end, it is right and coarse. That can be measured.
# - Guided backpropagation does not tell classes apart; Grad-CAM does, and so does their product.
# - The sign counts: what speaks against a class is an explanation, too.
#
# ### Sources
#
# - Bolei Zhou, Aditya Khosla, Agata Lapedriza, Aude Oliva, Antonio Torralba, *Learning Deep Features for Discriminative Localization*, 2016.
# - Ramprasaath R. Selvaraju, Michael Cogswell, Abhishek Das, Ramakrishna Vedantam, Devi Parikh, Dhruv Batra, *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization*, 2017.
# - Jianming Zhang, Sarah Adel Bargal, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff, *Top-down Neural Attention by Excitation Backprop*, 2018, for the pointing game.
# - Julius Adebayo, Justin Gilmer, Michael Muelly, Ian Goodfellow, Moritz Hardt, Been Kim, *Sanity Checks for Saliency Maps*, 2018.
# - Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller, *Striving for Simplicity: The All Convolutional Net*, 2014, for guided backpropagation.
