# ---
# jupyter:
#   course:
#     title:
#       fr: "Dissection et atlas : à quoi sert chaque unité, et tout ce qu'une couche voit"
#       en: "Dissection and atlas: what each unit is for, and all that a layer sees"
#     minutes: 60
#     before: [10_activation_maximization]
#     part: inside
#     level: 2
#     slides:
#       fr: "atlas d'activations, dissection de réseau"
#       en: "activation atlas, network dissection"
# ---

# %% [markdown] tags=["fr"]
# Le notebook précédent dessinait une unité à la fois, et l'œil devinait. Deux questions restent. Peut-on dire **à quoi sert** chaque unité autrement qu'à l'œil, avec un nombre ? Et peut-on voir d'un seul regard **tout** ce qu'une couche a appris ?
#
# La première réponse s'appelle *dissection de réseau*, la seconde *atlas d'activations*. À la fin, vous saurez calculer l'une, lire l'autre, et vérifier en éteignant des unités que ce qu'elles racontent est vrai.

# %% [markdown] tags=["en"]
# The previous notebook drew one unit at a time, and the eye guessed. Two questions remain. Can we say **what each unit is for** other than by eye, with a number? And can we see at one glance **everything** that a layer has learnt?
#
# The first answer is called *network dissection*, the second one *activation atlas*. By the end you will be able to compute the one, to read the other, and to check by switching units off that what they tell is true.

# %% [markdown] tags=["fr"]
# ## Que regarde cette unité ?
#
# Voici les six images de créatures qui excitent le plus l'unité 42 de la couche `conv3_2`. Là où elle répond, l'image reste claire ; ailleurs, elle est assombrie. **Pariez** : qu'est-ce qui l'intéresse ?

# %% [markdown] tags=["en"]
# ## What does this unit look at?
#
# Here are the six pictures of creatures that excite unit 42 of the layer `conv3_2` most. Where it answers, the picture stays bright; elsewhere it is darkened. **Place your bet**: what is it after?

# %%
import numpy as np

from xai_widgets import AtlasExplorer, DissectionExplorer, load_model, sample_image
from xai_widgets.course import DescribedFigure, Table, bet, calibration, claim, exercise, say, settle
from xai_widgets.datasets.creatures import draw, sample_batch
from xai_widgets.datasets.pictures.creature_samples import creature_scene
from xai_widgets.methods.atlas import activation_atlas, activation_grid, neuron_groups
from xai_widgets.methods.core.layer_probe import LayerProbe
from xai_widgets.methods.core.upsampling import upsample
from xai_widgets.methods.dissection import CreatureConcepts, dissect, unit_regions
from xai_widgets.methods.evaluation.weight_randomization import forget, twin_of
from xai_widgets.methods.units.ablation import ablation_effect
from xai_widgets.plots.atlas_figures import grid_figure, groups_figure
from xai_widgets.plots.dissection_figures import compare_figure, concept_name, kind_name, lit
from xai_widgets.plots.visualization_figures import visualization_figure

creatures = load_model("creatures")
concepts = CreatureConcepts(180, seed=20)
pictures = concepts.pictures(slice(0, 180))
found = {"conv3_2": dissect(creatures, concepts, layer="conv3_2")}


def strongest(layer, unit, count, *, outlined):
    numbers = found[layer].top[unit, :count]
    shown, concept = pictures[numbers], found[layer].best[unit]
    regions = unit_regions(creatures, shown, found[layer], unit, size=(96, 96))
    masks = concepts.masks_of(concept)[numbers] if outlined else [None] * count
    return [lit(*one) / 255 for one in zip(shown, regions, masks, strict=True)]


DescribedFigure(
    visualization_figure(np.stack(strongest("conv3_2", 42, 6, outlined=False)), ["conv3_2 42"] * 6),
    "11.one_unit_text",
)

# %% [markdown] tags=["fr"]
# ## Ce que dit la diapositive
#
# > La dissection de réseau est une méthode pour quantifier l'interprétabilité des unités individuelles dans un CNN profond. Elle fonctionne en mesurant l'alignement entre la réponse de l'unité et un ensemble de concepts tirés d'un jeu de données de segmentation large et dense appelé Broden.
#
# Broden, ce sont 60 000 photos où chaque pixel porte des noms : couleur, matière, objet, partie d'objet, scène (Bau, Zhou, Khosla, Oliva et Torralba, 2017). Nos créatures sont dessinées : nous savons **exactement** ce que montre chaque pixel. Notre petit Broden a 49 concepts : des parties (bec, oreilles…), des animaux, des motifs de pelage, des décors, des couleurs.
#
# La recette, pour chaque unité :
#
# 1. **un seuil** $T$, si haut que seuls 0,5 % de toutes ses valeurs, sur tout le jeu, le dépassent ;
# 2. **une région** $M$ par image : la carte de l'unité, agrandie à la taille de l'image, là où elle dépasse $T$ ;
# 3. **un score** pour chaque concept $C$, calculé sur tout le jeu à la fois :
#
# $$\mathrm{IoU} = \frac{\sum_x |M(x) \cap C(x)|}{\sum_x |M(x) \cup C(x)|}$$
#
# 4. l'unité prend le nom de son meilleur concept, si ce score dépasse 0,04.
#
# ### Exercice 1 : le seuil
#
# `maps` contient les cartes d'une unité pour $N$ images, `(N, h, w)`. Renvoyez le seuil que seule une part `share` de toutes les valeurs dépasse.

# %% [markdown] tags=["en"]
# ## What the slide says
#
# > Network dissection is a method to quantify the interpretability of single units in a deep CNN. It works by measuring the alignment between the unit's response and a set of concepts taken from a large, dense segmentation data set called Broden.
#
# Broden is 60,000 photographs in which every pixel bears names: colour, material, object, part of an object, scene (Bau, Zhou, Khosla, Oliva and Torralba, 2017). Our creatures are drawn: we know **exactly** what every pixel shows. Our little Broden has 49 concepts: parts (beak, ears…), animals, patterns of fur, backgrounds, colours.
#
# The recipe, for each unit:
#
# 1. **a threshold** $T$, so high that only 0.5% of all its values, over the whole set, exceed it;
# 2. **a region** $M$ in each picture: the unit's map, enlarged to the picture's size, where it exceeds $T$;
# 3. **a score** for each concept $C$, computed over the whole set at once:
#
# $$\mathrm{IoU} = \frac{\sum_x |M(x) \cap C(x)|}{\sum_x |M(x) \cup C(x)|}$$
#
# 4. the unit takes the name of its best concept, if this score is above 0.04.
#
# ### Exercise 1: the threshold
#
# `maps` holds the maps of a unit for $N$ pictures, `(N, h, w)`. Return the threshold that only a share `share` of all values exceeds.


# %% exercise="11.threshold"
def threshold(maps, share):
    ### BEGIN SOLUTION
    # fr: Une part share au-dessus, donc 1 - share au-dessous.
    # en: A share above, so 1 - share below.
    return np.quantile(maps, 1 - share)
    ### END SOLUTION


# %% check="11.threshold" points=2
exercise("11.threshold").check(threshold)

# %% [markdown] tags=["fr"]
# ### Exercice 2 : l'accord
#
# `region` et `mask` sont des tableaux de vrai et de faux, `(N, H, W)` : là où l'unité répond, là où est le concept. Renvoyez l'intersection sur l'union **de tout le jeu**.

# %% [markdown] tags=["en"]
# ### Exercise 2: the agreement
#
# `region` and `mask` are arrays of true and false, `(N, H, W)`: where the unit answers, where the concept is. Return the intersection over union **of the whole set**.


# %% exercise="11.iou"
def iou(region, mask):
    ### BEGIN SOLUTION
    # fr: Compter d'abord, sur toutes les images ; diviser ensuite.
    # en: Count first, over all pictures; then divide.
    return (region & mask).sum() / (region | mask).sum()
    ### END SOLUTION


# %% check="11.iou" points=3
exercise("11.iou").check(iou)

# %% [markdown] tags=["fr"]
# Vos deux fonctions suffisent pour disséquer. Essayons-les sur l'unité 42 : laquelle des parties lui va le mieux ?

# %% [markdown] tags=["en"]
# Your two functions are enough to dissect. Let us try them on unit 42: which of the parts suits it best?

# %%
if exercise("11.threshold").check(threshold).passed and exercise("11.iou").check(iou).passed:
    maps = LayerProbe(creatures, "conv3_2").activations(pictures)[..., 42]
    region = upsample(maps, (96, 96)) > threshold(maps, 0.005)
    parts = [place for place, kind in enumerate(concepts.kinds) if kind == "part"]
    by_hand = {concepts.names[place]: iou(region, concepts.masks_of(place)) for place in parts}
    best = max(by_hand, key=by_hand.get)
    say("11.by_hand", concept=concept_name(best, "part"), iou=by_hand[best])
else:
    say("11.by_hand_first")

# %% [markdown] tags=["fr"]
# ## Toute une couche
#
# Voici quatre unités de la même couche, chacune la meilleure pour un autre concept. Le contour jaune est le concept, exact.

# %% [markdown] tags=["en"]
# ## A whole layer
#
# Here are four units of the same layer, each the best one for another concept. The yellow outline is the concept, exactly.

# %%
leaders = list({one.concept: one for one in reversed(found["conv3_2"].detectors())}.values())
leaders = sorted(leaders, key=lambda one: -one.iou)[:4]
rows = [picture for one in leaders for picture in strongest("conv3_2", one.unit, 6, outlined=True)]
names = [f"{one.unit}: {concept_name(one.concept, one.kind)}" for one in leaders for _ in range(6)]
DescribedFigure(visualization_figure(np.stack(rows), names), "11.best_units_text")

# %% [markdown] tags=["fr"]
# Et d'une couche à l'autre ? **Pariez** : où trouve-t-on des parties, où des animaux entiers ?

# %% [markdown] tags=["en"]
# And from one layer to the next? **Place your bet**: where are parts found, where whole animals?

# %%
layers = ("conv2_1", "conv3_2", "conv4_2")
bet("11.1", "11.bet.parts", layers)

# %%
for layer in ("conv2_1", "conv4_2"):
    found[layer] = dissect(creatures, concepts, layer=layer)
kinds = concepts.all_kinds
counts = {kind: [sum(one.kind == kind for one in found[layer].detectors()) for layer in layers] for kind in kinds}
Table(
    {
        "11.table.layer": layers,
        "11.table.units": [len(found[layer].iou) for layer in layers],
        "11.table.named": [len(found[layer].detectors()) for layer in layers],
        **{kind_name(kind): counts[kind] for kind in kinds},
    },
    caption="11.table.caption",
)

# %%
settle("11.1", int(np.argmax(counts["part"])))

# %% [markdown] tags=["fr"]
# Des détails d'abord, puis des animaux entiers : personne ne l'a demandé au réseau, il n'a appris que douze noms. L'article voit la même montée sur des réseaux bien plus grands : couleurs et textures dans les premières couches, objets et scènes dans les dernières.
#
# ## Est-ce l'apprentissage, ou le hasard ?
#
# Avec 49 concepts et 128 unités, quelques accords pourraient être des coïncidences. La réponse est une expérience : la **même** architecture, le même jeu, des poids tirés au hasard. On compte les concepts qui ont au moins une unité (les *détecteurs uniques* de l'article).

# %% [markdown] tags=["en"]
# Details first, then whole animals: nobody asked the network for it, it only learnt twelve names. The paper sees the same ascent in far larger networks: colours and textures in the first layers, objects and scenes in the last ones.
#
# ## Is it learning, or chance?
#
# With 49 concepts and 128 units, some agreements might be coincidences. The answer is an experiment: the **same** architecture, the same set, weights drawn at random. We count the concepts that have at least one unit (the paper's *unique detectors*).

# %%
blank = twin_of(creatures)
list(forget(blank.model, seed=0))
by_chance = dissect(blank, concepts, layer="conv4_2")
unique = [[one.unique()[kind] for kind in kinds] for one in (found["conv4_2"], by_chance)]
DescribedFigure(
    compare_figure(unique, ["11.trained", "11.random"], kinds),
    "11.compare_text",
)

# %%
units = len(by_chance.iou)
at_least = min(np.floor(10 * len(found["conv4_2"].detectors()) / units) / 10, 0.9)
say("11.random_said", share=at_least, ratio=int(units // max(len(by_chance.detectors()), 8)))

# %% [markdown] tags=["fr"]
# ## À vous de jouer
#
# Le labo montre les unités les mieux nommées. Choisissez-en une, regardez ses images, puis **éteignez-la** : à droite, la probabilité de chaque classe sur ses propres images, avant (le trait) et après (la barre).
#
# 1. éteignez la meilleure unité : sa classe tombe-t-elle ? Combien d'unités faut-il éteindre pour faire tomber le chien ?
# 2. revenez à `conv3_2` : éteignez les unités des yeux. Qui souffre le plus ?
# 3. trouvez une unité dont le nom vous semble faux en regardant ses images.

# %% [markdown] tags=["en"]
# ## Your turn to play
#
# The lab shows the units with the best names. Choose one, look at its pictures, then **switch it off**: on the right, the probability of each class on its own pictures, before (the tick) and after (the bar).
#
# 1. switch off the best unit: does its class fall? How many units does it take to bring down the dog?
# 2. go back to `conv3_2`: switch off the units for eyes. Who suffers most?
# 3. find a unit whose name seems wrong to you once you look at its pictures.

# %%
dissector = DissectionExplorer(creatures, concepts, found["conv4_2"])
dissector

# %% [markdown] tags=["fr"]
# ## Un nom n'est pas une cause
#
# L'IoU dit *avec quoi* une unité s'accorde, pas *ce que le réseau en fait*. Pour le savoir, on l'éteint. Éteignons d'un coup toutes les unités de `conv4_2` nommées « chien », puis, en comparaison, autant d'autres tirées au sort.

# %% [markdown] tags=["en"]
# ## A name is not a cause
#
# The IoU says *what* a unit agrees with, not *what the network does with it*. To know that, switch it off. Let us switch off all units of `conv4_2` named “dog” at once, then, for comparison, as many others drawn by lot.

# %%
dogs = [one.unit for one in found["conv4_2"].detectors() if one.concept == "dog"]
others = [unit for unit in range(units) if unit not in dogs]
drawn = np.random.default_rng(0).choice(others, len(dogs), replace=False).tolist()
truth, dog = concepts.labels(), creatures.index("dog")
logits = creatures.logits(pictures)
change = ablation_effect(creatures, pictures, "conv4_2", [dogs, drawn])
read = [logits.argmax(axis=1), *(logits[:, None] + change).argmax(axis=2).T]
Table(
    {
        "11.table.off": ["11.off.none", "11.off.named", "11.off.random"],
        "11.table.units": [0, len(dogs), len(drawn)],
        "11.table.own_class": [(one == truth)[truth == dog].mean() for one in read],
        "11.table.others": [(one == truth)[truth != dog].mean() for one in read],
    },
    ["", "d", ".0%", ".0%"],
    caption="11.off_caption",
)

# %%
all_dogs = sample_batch(60, seed=22, classes=["dog"]).pictures
without = creatures.logits(all_dogs) + ablation_effect(creatures, all_dogs, "conv4_2", [dogs])[:, 0]
claim("11.1", "11.claim.dogs", without.argmax(axis=1) == dog, at_least=0.5, units=len(dogs))

# %% [markdown] tags=["fr"]
# Sans aucune de ses unités « chien », le réseau reconnaît encore la plupart des chiens : d'autres unités, nommées autrement, suffisent. **Un nom est une hypothèse, l'ablation la vérifie** : une unité peut s'accorder avec un concept sans être indispensable ; le concept utile peut aussi manquer à la liste. Dans le labo, regardez les probabilités : combien d'unités faut-il éteindre pour qu'elles bougent ?
#
# ## L'atlas d'activations
#
# Les unités ne s'activent jamais seules. L'atlas montre donc des **combinaisons** d'activations (Carter, Armstrong, Schubert, Johnson et Olah, 2019) :
#
# 1. prendre beaucoup d'images, et dans chacune l'activation de toute la couche en une place au hasard : un vecteur de 128 nombres ;
# 2. disposer ces vecteurs sur un plan, les semblables côte à côte (t-SNE ou UMAP, notebook 13) ;
# 3. découper le plan en cases, et **faire la moyenne** dans chaque case ;
# 4. dessiner pour chaque moyenne l'image qui l'excite le plus (notebook 10), et dire pour quelles classes elle parle : activation fois gradient de la classe.
#
# ### Exercice 3 : la moyenne par case
#
# `points` `(N, 2)` sont les places $(x, y)$, entre 0 et 1 ; `vectors` `(N, C)` les activations. Renvoyez `(grid, grid, C)` : à la ligne $\lfloor y \cdot grid \rfloor$, colonne $\lfloor x \cdot grid \rfloor$, la moyenne des vecteurs de cette case, et des zéros s'il n'y en a pas.

# %% [markdown] tags=["en"]
# Without any of its “dog” units the network still recognises most dogs: other units, named otherwise, are enough. **A name is a hypothesis, ablation tests it**: a unit may agree with a concept without being needed; and the concept that matters may be missing from the list. In the lab, watch the probabilities: how many units must be switched off before they move?
#
# ## The activation atlas
#
# Units are never active alone. So the atlas shows **combinations** of activations (Carter, Armstrong, Schubert, Johnson and Olah, 2019):
#
# 1. take many pictures, and in each the activation of the whole layer at one random place: a vector of 128 numbers;
# 2. lay these vectors out on a plane, like beside like (t-SNE or UMAP, notebook 13);
# 3. cut the plane into cells, and **average** in each cell;
# 4. draw for each mean the picture that excites it most (notebook 10), and say which classes it speaks for: activation times gradient of the class.
#
# ### Exercise 3: the mean of each cell
#
# `points` `(N, 2)` are the places $(x, y)$, between 0 and 1; `vectors` `(N, C)` the activations. Return `(grid, grid, C)`: in row $\lfloor y \cdot grid \rfloor$, column $\lfloor x \cdot grid \rfloor$, the mean of that cell's vectors, and zeros where there are none.


# %% exercise="11.cells"
def averages(points, vectors, grid):
    ### BEGIN SOLUTION
    # fr: La case de chaque point, puis la moyenne de chaque case qui en a.
    # en: The cell of each point, then the mean of each cell that has any.
    columns, rows = (points * grid).astype(int).T
    means = np.zeros((grid, grid, vectors.shape[1]))
    for row in range(grid):
        for column in range(grid):
            here = (rows == row) & (columns == column)
            if here.any():
                means[row, column] = vectors[here].mean(axis=0)
    return means
    ### END SOLUTION


# %% check="11.cells" points=3
exercise("11.cells").check(averages)

# %% [markdown] tags=["fr"]
# La bibliothèque fait de même, et **blanchit** d'abord : elle divise par ce que toutes les activations ont en commun, pour que l'icône montre ce qui distingue sa case des autres.
#
# Dans la carte qui suit, pointez une case pour lire ses classes, cliquez pour voir les images d'où elle vient, zoomez, mettez une classe en avant. Cherchez :
#
# 1. les oiseaux sont-ils voisins ? Et les animaux aux longues oreilles ?
# 2. une case entre deux régions : que montre-t-elle, de quelles classes augmente-t-elle le score ?
# 3. y a-t-il des cases pour les décors ?

# %% [markdown] tags=["en"]
# The library does the same, and **whitens** first: it divides by what all activations have in common, so that an icon shows what tells its cell from the others.
#
# In the map below, point at a cell to read its classes, click to see the pictures it comes from, zoom, let one class stand out. Find out:
#
# 1. are the birds neighbours? And the animals with long ears?
# 2. a cell between two regions: what does it show, of which classes does it raise the score?
# 3. are there cells for the backgrounds?

# %% tags=["nbval-ignore-output"]
atlas = activation_atlas(
    creatures, pictures, layer="conv4_2", samples=3, layout="tsne", grid=7, least=3, size=48, steps=20
)
AtlasExplorer(creatures, pictures, atlas)

# %% [markdown] tags=["fr"]
# « Les semblables côte à côte » : mesurons-le. Combien de fois deux cases voisines parlent-elles pour la même classe, comparé à une carte mélangée ?

# %% [markdown] tags=["en"]
# “Like beside like”: let us measure it. How often do two neighbouring cells speak for the same class, compared with a shuffled map?

# %%
spoken = atlas.attribution.argmax(axis=1)
steps = np.abs(atlas.rows[:, None] - atlas.rows) + np.abs(atlas.columns[:, None] - atlas.columns)
pairs = np.argwhere(np.triu(steps == 1))
rng = np.random.default_rng(0)
shuffled = np.mean(
    [(one[pairs[:, 0]] == one[pairs[:, 1]]).mean() for one in (rng.permutation(spoken) for _ in range(200))]
)
together = (spoken[pairs[:, 0]] == spoken[pairs[:, 1]]).mean()
say("11.neighbours", times=min(int(together / shuffled), 2))

# %% [markdown] tags=["fr"]
# ## La même idée, pour une seule image
#
# Un atlas montre les activations de la couche sur beaucoup d'images. Et sur *cette* image ? Une icône par place, d'autant plus grande que l'activation est forte (Olah et coll., 2018).

# %% [markdown] tags=["en"]
# ## The same idea, for a single picture
#
# An atlas shows the activations of the layer on many pictures. And on *this* picture? One icon for each place, the larger the stronger the activation (Olah et al., 2018).

# %%
pair = sample_image("creature-cat-dog")
shown = creatures.to_display(creatures.as_inputs(pair))[0]
seen = activation_grid(creatures, pair, layer="conv4_2", grid=6, size=48, steps=20)
DescribedFigure(grid_figure(shown, seen.canvas()), "11.grid_text")

# %% [markdown] tags=["fr"]
# 36 icônes, c'est beaucoup. Des unités qui s'activent ensemble, on fait des **groupes** : la carte, places fois canaux, est factorisée en quelques cartes fois autant de directions, toutes positives (NMF). Pour chaque groupe : où il s'active, l'image qui l'active le plus, et la classe dont il augmente le score. À cette taille, beaucoup d'icônes restent difficiles à reconnaître ; fiez-vous aussi aux images d'où elles viennent.

# %% [markdown] tags=["en"]
# 36 icons are many. Units that fire together are put into **groups**: the map, places times channels, is factored into a few maps times as many directions, all positive (NMF). For each group: where it is active, the picture that activates it most, and the class whose score it raises. At this size many icons remain hard to recognise; rely on the pictures that they come from as well.

# %%
groups = neuron_groups(creatures, pair, layer="conv4_2", groups=5, size=48, steps=32)
names = [groups.classes(group, 1)[0][0] for group in range(len(groups))]
DescribedFigure(groups_figure(shown, groups.maps, groups.icons, names), "11.groups_text")

# %%
bodies = draw(creature_scene("creature-cat-dog"), 96).animals
large = upsample(groups.maps, (96, 96))
sides = []
for label in ("cat", "dog"):
    group = groups.attribution[:, groups.labels.index(label)].argmax()
    inside = [large[group][body].sum() for body in bodies]
    sides += [("11.animal.cat", "11.animal.dog")[place] for place in np.argsort(inside)[::-1]]
say("11.groups_said", first=sides[0], second=sides[1], third=sides[2], fourth=sides[3])

# %%
calibration()

# %% [markdown] tags=["fr"]
# ## Ce qu'il faut retenir
#
# - La dissection donne à chaque unité un nom et un nombre : l'accord (IoU) de ses plus fortes réponses avec un concept connu.
# - Elle ne trouve que les concepts de sa liste ; et un nom n'est pas une cause. Éteindre l'unité est l'expérience qui tranche.
# - Comparer à un réseau aux poids tirés au hasard dit ce qui vient de l'apprentissage.
# - L'atlas montre les combinaisons d'unités, voisines et nommées par les classes qu'elles font monter ; sa disposition est un choix (t-SNE, UMAP), ses distances ne se mesurent pas à la règle.
# - La grille et les groupes disent la même chose d'une seule image.
#
# ### Sources
#
# - David Bau, Bolei Zhou, Aditya Khosla, Aude Oliva, Antonio Torralba, *Network Dissection: Quantifying Interpretability of Deep Visual Representations*, 2017.
# - Bolei Zhou, Yiyou Sun, David Bau, Antonio Torralba, *Revisiting the Importance of Individual Units in CNNs via Ablation*, 2018.
# - Shan Carter, Zan Armstrong, Ludwig Schubert, Ian Johnson, Chris Olah, *Exploring Neural Networks with Activation Atlases*, 2019.
# - Chris Olah, Arvind Satyanarayan, Ian Johnson, Shan Carter, Ludwig Schubert, Katherine Ye, Alexander Mordvintsev, *The Building Blocks of Interpretability*, 2018.

# %% [markdown] tags=["en"]
# ## What to remember
#
# - Dissection gives each unit a name and a number: how well its strongest answers agree (IoU) with a known concept.
# - It only finds the concepts of its list; and a name is not a cause. Switching the unit off is the experiment that decides.
# - Comparing with a network of random weights says what comes from learning.
# - The atlas shows combinations of units, neighbours, named after the classes that they raise; its layout is a choice (t-SNE, UMAP), its distances are not to be measured with a ruler.
# - The grid and the groups say the same of a single picture.
#
# ### Sources
#
# - David Bau, Bolei Zhou, Aditya Khosla, Aude Oliva, Antonio Torralba, *Network Dissection: Quantifying Interpretability of Deep Visual Representations*, 2017.
# - Bolei Zhou, Yiyou Sun, David Bau, Antonio Torralba, *Revisiting the Importance of Individual Units in CNNs via Ablation*, 2018.
# - Shan Carter, Zan Armstrong, Ludwig Schubert, Ian Johnson, Chris Olah, *Exploring Neural Networks with Activation Atlases*, 2019.
# - Chris Olah, Arvind Satyanarayan, Ian Johnson, Shan Carter, Ludwig Schubert, Katherine Ye, Alexander Mordvintsev, *The Building Blocks of Interpretability*, 2018.
