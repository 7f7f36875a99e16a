# ---
# jupyter:
#   course:
#     title:
#       fr: "t-SNE : lire une carte sans s'y perdre"
#       en: "t-SNE: reading a map without getting lost"
#     minutes: 60
#     before: [00_start]
#     part: inside
#     level: 2
#     slides:
#       fr: "t-SNE, projecteur, précautions"
#       en: "t-SNE, projector, precautions"
# ---

# %% [markdown] tags=["fr"]
# Un réseau transforme chaque image en une longue liste de nombres. Comment les regarder ? En les posant sur une **carte** : un point par image, et les images que le réseau trouve semblables côte à côte. C'est ce que promet t-SNE. Ces cartes se lisent vite, et l'on en conclut souvent plus qu'elles ne montrent.
#
# À la fin de ce notebook, vous saurez faire une telle carte, mesurer ce qu'elle garde et ce qu'elle déforme, et citer six pièges où tombent ses lecteurs.

# %% [markdown] tags=["en"]
# A network turns every picture into a long list of numbers. How can we look at them? By laying them out on a **map**: a point for each picture, and the pictures that the network finds alike side by side. That is what t-SNE promises. Its maps are quickly read, and more is often concluded from them than they show.
#
# By the end of this notebook you will be able to make such a map, measure what it keeps and what it distorts, and name six traps that its readers fall into.

# %% [markdown] tags=["fr"]
# ## Ce que montre la diapositive
#
# > t-SNE dispose en voisines, dans l'espace 2D, les images qui ont des vecteurs semblables.
#
# Commençons par des chiffres écrits à la main : 8 × 8 pixels, donc 64 nombres chacun. **Pariez d'abord** : sans jamais apprendre quel chiffre est lequel, en combien de groupes la carte va-t-elle les ranger ?

# %% [markdown] tags=["en"]
# ## What the slide shows
#
# > t-SNE arranges the pictures that have similar vectors as neighbours in the 2-D space.
#
# Let us begin with handwritten digits: 8 × 8 pixels, so 64 numbers each. **Place your bet first**: without ever being told which digit is which, into how many groups will the map sort them?

# %% tags=["cover"]
import tempfile

import numpy as np
from scipy.stats import rankdata

from xai_widgets import EmbeddingLab, load_vectors
from xai_widgets.course import DescribedFigure, Table, bet, calibration, claim, exercise, say, settle
from xai_widgets.methods.embedding import (
    centre_distances,
    group_spread,
    islands,
    map_quality,
    neighbour_overlap,
    pca,
    procrustes,
    tsne,
    within_between,
)
from xai_widgets.methods.embedding.known_shapes import clouds, linked_rings, nested, trefoil
from xai_widgets.plots.embedding_figures import embedding_figure

digits = load_vectors("digits")
lab = EmbeddingLab(digits, steps=400)
lab

# %% [markdown] tags=["fr"]
# À gauche t-SNE, dont vous avez vu les points se mettre en place ; à droite l'analyse en composantes principales (ACP), qui ne sait que tourner le nuage et l'écraser. Passez sur un point pour voir son image ; **entourez** un groupe d'un côté et regardez où il est de l'autre. Cherchez :
#
# 1. un chiffre loin des siens : qu'a-t-il de particulier ?
# 2. la carte à la perplexité 2, puis 100 : que deviennent les groupes ?
# 3. la carte arrêtée après 50 pas ;
# 4. les visages, puis les mots : qu'est-ce qui les range ?

# %% [markdown] tags=["en"]
# On the left t-SNE, whose points you saw fall into place; on the right principal component analysis (PCA), which can only turn the cloud and flatten it. Move over a point to see its picture; **draw around** a group on one side and see where it is on the other. Find out:
#
# 1. a digit far from its kind: what is special about it?
# 2. the map at perplexity 2, then 100: what becomes of the groups?
# 3. the map stopped after 50 steps;
# 4. the faces, then the words: what are they sorted by?

# %% [markdown] tags=["fr"]
# ## Comment cela marche
#
# 1. Pour chaque point $i$, t-SNE donne à chaque autre point $j$ une probabilité $p_{j|i}$ d'être son voisin, selon une courbe en cloche de largeur $\sigma_i$ : proche, elle est grande ; loin, presque nulle.
# 2. Sur la carte il fait de même, mais avec une courbe à longue traîne (la loi $t$ de Student) : $q_{ij} \propto 1 / (1 + \lVert y_i - y_j \rVert^2)$.
# 3. Il déplace les points pour que $q$ ressemble à $p$ : il descend le gradient de la divergence de Kullback-Leibler, $\sum p \log (p / q)$. Éloigner des voisins coûte cher, rapprocher des étrangers presque rien.
#
# La largeur $\sigma_i$ est réglée **en chaque point** pour que chacun ait environ le même nombre de voisins : la **perplexité**, $2^{H(p)}$, où $H(p) = -\sum_j p_j \log_2 p_j$ est l'entropie en bits.
#
# ### Exercice 1 : écrivez la perplexité
#
# `perplexity(p)` reçoit les probabilités d'un point, dont la somme est 1 ; certaines sont nulles (et $0 \log 0 = 0$).

# %% [markdown] tags=["en"]
# ## How it works
#
# 1. For each point $i$, t-SNE gives every other point $j$ a probability $p_{j|i}$ of being its neighbour, by a bell curve of width $\sigma_i$: near, it is large; far away, almost nothing.
# 2. On the map it does the same, but with a curve that has a long tail (Student's $t$): $q_{ij} \propto 1 / (1 + \lVert y_i - y_j \rVert^2)$.
# 3. It moves the points until $q$ is like $p$: it goes down the gradient of the Kullback-Leibler divergence, $\sum p \log (p / q)$. Parting neighbours costs much, bringing strangers together next to nothing.
#
# The width $\sigma_i$ is set **at each point**, so that all have about the same number of neighbours: the **perplexity**, $2^{H(p)}$, where $H(p) = -\sum_j p_j \log_2 p_j$ is the entropy in bits.
#
# ### Exercise 1: write the perplexity
#
# `perplexity(p)` gets the probabilities of one point, which sum to 1; some are zero (and $0 \log 0 = 0$).


# %% exercise="13.perplexity"
def perplexity(p):
    ### BEGIN SOLUTION
    # fr: Ce qui est nul ne compte pas.
    # en: What is zero does not count.
    some = p[p > 0]
    return 2 ** -(some * np.log2(some)).sum()
    ### END SOLUTION


# %% check="13.perplexity" points=2
exercise("13.perplexity").check(perplexity)

# %% [markdown] tags=["fr"]
# ## Mesurer une carte
#
# « Elle est jolie » ne prouve rien. Trois questions se mesurent, de 0 (rien) à 1 (tout) :
#
# - la **fiabilité** : les voisins sur la carte l'étaient-ils vraiment ? Elle baisse avec les faux amis ;
# - la **continuité** : les vrais voisins le sont-ils restés ? Elle baisse quand la carte se déchire ;
# - la part des $k$ plus proches **voisins gardés**.
#
# ### Exercice 2 : comptez les voisins gardés
#
# `kept(before, after, k)` reçoit deux tableaux de distances `(N, N)`, entre les vecteurs et entre les points de la carte. Renvoyez la part, en moyenne, des `k` plus proches voisins d'un point qui le sont encore. Un point n'est pas son propre voisin.

# %% [markdown] tags=["en"]
# ## Measuring a map
#
# “It is pretty” proves nothing. Three questions can be measured, from 0 (nothing) to 1 (all):
#
# - **trustworthiness**: were the neighbours on the map true ones? It falls with false friends;
# - **continuity**: did true neighbours stay so? It falls where the map is torn;
# - the share of the $k$ nearest **neighbours kept**.
#
# ### Exercise 2: count the neighbours kept
#
# `kept(before, after, k)` gets two tables of distances `(N, N)`, between the vectors and between the points of the map. Return the share, on average, of a point's `k` nearest neighbours that still are. A point is no neighbour of its own.


# %% exercise="13.kept"
def kept(before, after, k):
    ### BEGIN SOLUTION
    # fr: Le premier de chaque ligne triée est le point lui-même, à distance nulle.
    # en: The first of each sorted row is the point itself, at distance zero.
    true, found = (np.argsort(table, axis=1)[:, 1 : k + 1] for table in (before, after))
    return np.mean([len(np.intersect1d(a, b)) / k for a, b in zip(true, found, strict=True)])
    ### END SOLUTION


# %% check="13.kept" points=3
exercise("13.kept").check(kept)

# %% tags=["nbval-ignore-output"]
some = digits.take(np.arange(500))
maps = {"embedding.method_pca": pca(some.vectors), "embedding.method_tsne": tsne(some.vectors, steps=500)}
found = [map_quality(some.vectors, one.points) for one in maps.values()]
Table(
    {
        "13.table.map": list(maps),
        "13.table.trust": [one.trustworthiness for one in found],
        "13.table.continuity": [one.continuity for one in found],
        "13.table.kept": [one.kept for one in found],
    },
    ["", ".2f", ".2f", ".0%"],
)

# %% [markdown] tags=["fr"]
# t-SNE garde bien plus de voisins que l'ACP, car c'est ce qu'il optimise ; il ne les garde pas tous, car 64 dimensions ne tiennent pas dans deux.
#
# ### « Les distances sont conservées » ?
#
# > Les distances entre les points à plusieurs dimensions sont conservées dans l'espace à 2D de t-SNE.
#
# C'est ce que dit la diapositive. Vérifions : pour chaque chiffre, la corrélation des rangs entre ses distances aux 499 autres, avant et après. Si elles étaient conservées, elle vaudrait 1.

# %% [markdown] tags=["en"]
# t-SNE keeps many more neighbours than PCA, for that is what it optimises; it does not keep all of them, for 64 dimensions do not fit into two.
#
# ### “Distances are preserved”?
#
# > The distances between the points in many dimensions are preserved in the 2-D space of t-SNE.
#
# So says the slide. Let us check: for each digit, the rank correlation of its distances to the 499 others, before and after. If they were preserved, it would be 1.


# %% tags=["nbval-ignore-output"]
def ranked_distances(points):
    return np.array([rankdata(row) for row in np.linalg.norm(points[:, np.newaxis] - points, axis=2)])


true = ranked_distances(some.vectors)
agreement = {
    name: np.array([np.corrcoef(pair)[0, 1] for pair in zip(true, ranked_distances(one.points), strict=True)])
    for name, one in maps.items()
}
claim("13.1", "13.claim.distances", agreement["embedding.method_tsne"], at_most=0.9, chance=0.0)
claim("13.2", "13.claim.pca", agreement["embedding.method_pca"] - agreement["embedding.method_tsne"], at_least=0)

# %% [markdown] tags=["fr"]
# Les distances ne sont donc **pas** conservées, et l'ACP, qui garde moins de voisins, les ordonne mieux. t-SNE conserve des *voisinages* : l'article de van der Maaten et Hinton (2008) ne promet rien d'autre. Ce que la carte déforme, et où, est l'objet des six pièges.
#
# ## Six pièges
#
# Wattenberg, Viégas et Johnson (2016) les ont montrés sur des données dont on **connaît** la forme. Refaisons leurs expériences, et mesurons.
#
# ### Piège 1 : la perplexité change tout
#
# Deux nuages ronds de 75 points, bien séparés. Une seule réponse est vraie : deux nuages ronds.

# %% [markdown] tags=["en"]
# So distances are **not** preserved, and PCA, which keeps fewer neighbours, orders them better. t-SNE preserves *neighbourhoods*: the paper of van der Maaten and Hinton (2008) promises nothing else. What the map distorts, and where, is the subject of the six traps.
#
# ## Six traps
#
# Wattenberg, Viégas and Johnson (2016) showed them on data whose shape is **known**. Let us do their experiments again, and measure.
#
# ### Trap 1: perplexity changes everything
#
# Two round clouds of 75 points, well apart. One answer alone is true: two round clouds.

# %% tags=["nbval-ignore-output"]
vectors, groups = clouds([75, 75], places=[0, 12])
perplexities = (2, 5, 30, 49)
maps = {value: tsne(vectors, perplexity=value, steps=500).points for value in perplexities}
titles = {"13.perplexity_title".format(value=value): points for value, points in maps.items()}
DescribedFigure(embedding_figure(titles, groups), "13.perplexity_text")

# %% tags=["nbval-ignore-output"]
shares = [map_quality(vectors, points, neighbours=10).kept for points in maps.values()]
Table({"13.table.perplexity": perplexities, "13.table.kept10": shares}, ["", ".0%"])

# %% [markdown] tags=["fr"]
# À 2, chaque nuage éclate en grumeaux qui n'existent pas. Entre 5 et 50, en général, cela va, tant que la perplexité reste bien sous le nombre de points (notre bibliothèque refuse au-delà du tiers) : **faites plusieurs cartes**.
#
# ### Piège 2 : la taille d'un groupe ne veut rien dire
#
# Deux nuages, l'un dix fois plus large que l'autre. La diapositive prévient : il ne s'agit pas du nombre de points mais de la place qu'ils prennent. Mesurons-la mieux que par une boîte, qui ne tient qu'aux points extrêmes.
#
# #### Exercice 3 : mesurez l'étendue
#
# `spread(points)` reçoit les points `(n, D)` d'un groupe ; renvoyez la racine de la moyenne des **carrés** des distances à leur centre.

# %% [markdown] tags=["en"]
# At 2, each cloud breaks into clumps that do not exist. Between 5 and 50, as a rule, all is well, as long as the perplexity stays well below the number of points (our library refuses more than a third): **make several maps**.
#
# ### Trap 2: the size of a group means nothing
#
# Two clouds, one ten times as wide as the other. The slide warns: not the number of points is meant but the room that they take. Let us measure it better than by a box, which hangs on the outermost points alone.
#
# #### Exercise 3: measure the spread
#
# `spread(points)` gets the points `(n, D)` of a group; return the root of the mean **square** distance to their centre.


# %% exercise="13.spread"
def spread(points):
    ### BEGIN SOLUTION
    # fr: Le carré d'une distance est la somme des carrés de ses coordonnées.
    # en: The square of a distance is the sum of the squares of its coordinates.
    away = points - points.mean(axis=0)
    return np.sqrt((away**2).sum(axis=1).mean())
    ### END SOLUTION


# %% check="13.spread" points=2
exercise("13.spread").check(spread)

# %% tags=["nbval-ignore-output"]
vectors, groups = clouds([75, 75], places=[0, 150], spreads=[1, 10])
points = tsne(vectors, perplexity=30, steps=500).points
(narrow, wide), (small, large) = group_spread(vectors, groups), group_spread(points, groups)
say("13.sizes", true=wide / narrow, shown=large / small)
DescribedFigure(embedding_figure({"embedding.method_tsne": points}, groups), "13.sizes_text")

# %% [markdown] tags=["fr"]
# C'est voulu : chaque point règle sa propre largeur, donc t-SNE dilate ce qui est dense et resserre ce qui est lâche.
#
# ### Piège 3 : la distance entre deux groupes ne veut peut-être rien dire
#
# Trois nuages sur une ligne : le troisième est **cinq fois** plus loin que le deuxième.

# %% [markdown] tags=["en"]
# It is meant to be so: every point sets its own width, so t-SNE expands what is dense and shrinks what is sparse.
#
# ### Trap 3: the distance between two groups may mean nothing
#
# Three clouds on a line: the third is **five times** as far from the second as the second from the first.

# %% tags=["nbval-ignore-output"]
vectors, groups = clouds([50, 50, 50], places=[0, 20, 120])


def ratio(points):
    between = centre_distances(points, groups)
    return between[1, 2] / between[0, 1]


perplexities = (5, 30, 49)
maps = {value: tsne(vectors, perplexity=value, steps=500).points for value in perplexities}
say("13.distances", true=ratio(vectors))
Table({"13.table.perplexity": perplexities, "13.table.ratio": [ratio(one) for one in maps.values()]}, ["", ".1f"])

# %% [markdown] tags=["fr"]
# ### Piège 4 : le hasard dessine des formes
#
# 300 points tirés au hasard en 100 dimensions, sans aucun groupe. En voyez-vous pourtant sur la carte ?

# %% [markdown] tags=["en"]
# ### Trap 4: chance draws shapes
#
# 300 points drawn at random in 100 dimensions, with no groups at all. Do you see some on the map nevertheless?

# %% tags=["nbval-ignore-output"]
draws = [clouds([300], places=[0], dimensions=100, seed=seed)[0] for seed in range(3)]
names = ["embedding.method_pca", *("13.perplexity_title".format(value=value) for value in (2, 30))]
maps = [[pca(one).points, *(tsne(one, perplexity=value, steps=500).points for value in (2, 30))] for one in draws]
DescribedFigure(embedding_figure(dict(zip(names, maps[0], strict=True))), "13.noise_text")

# %% [markdown] tags=["fr"]
# À la perplexité 2, des grumeaux et des fils. Mettons-y des nombres. Relions deux points dès qu'ils sont proches (à moins de 2,5 fois la distance médiane d'un point à son voisin) : ce qui se tient forme un **îlot**.
#
# - **Voit-on des groupes ?** Un nuage d'un seul tenant est presque tout entier dans son plus grand îlot ; une carte en grumeaux, non.
# - **Ces groupes sont-ils vrais ?** S'ils le sont, deux points d'un même îlot sont bien plus proches que deux points d'îlots différents, sur la carte **et** entre les vecteurs. À 100 %, l'îlot ne dit rien.
#
# Pour ne pas dépendre d'un tirage, la moyenne de trois ; et pour comparer, les chiffres, où les groupes existent.

# %% [markdown] tags=["en"]
# At perplexity 2, clumps and threads. Let us put numbers to them. Link two points as soon as they are near (within 2.5 times the median distance from a point to its neighbour): what hangs together is an **island**.
#
# - **Are groups seen?** A cloud of one piece lies almost whole in its largest island; a map of clumps does not.
# - **Are these groups true?** If they are, two points of one island are much closer than two points of different islands, on the map **and** between the vectors. At 100%, the island tells nothing.
#
# So as not to depend on one draw, the mean of three; and for comparison the digits, where groups exist.

# %% tags=["nbval-ignore-output"]
real = tsne(some.vectors, steps=500).points
rows = [[(one, points) for one, points in zip(draws, column, strict=True)] for column in zip(*maps, strict=True)]
rows.append([(some.vectors, real)])


def portrait(vectors, points):
    land = islands(points)
    sizes = np.bincount(land)
    return (sizes >= 5).sum(), sizes.max() / len(land), within_between(points, land), within_between(vectors, land)


count, largest, shown, true = np.array([np.mean([portrait(*pair) for pair in row], axis=0) for row in rows]).T
Table(
    {
        "13.table.map": [*names, "13.of_digits"],
        "13.table.islands": count,
        "13.table.largest": largest,
        "13.table.on_map": shown,
        "13.table.in_truth": true,
    },
    ["", ".0f", ".0%", ".0%", ".0%"],
    caption="13.table.within",
)

# %% [markdown] tags=["fr"]
# À la perplexité 2, le hasard a autant d'îlots que les chiffres, et presque aussi serrés. Mais entre les vecteurs ils ne rapprochent presque personne, tandis que ceux des chiffres le font. **Un groupe sur une carte est une question** ; la réponse est dans les vecteurs.

# %% [markdown] tags=["en"]
# At perplexity 2, chance has as many islands as the digits, and nearly as tight ones. But between the vectors they bring hardly anybody together, while those of the digits do. **A group on a map is a question**; the answer lies in the vectors.

# %% [markdown] tags=["fr"]
# ### Piège 5 : une forme demande plusieurs cartes
#
# Un nuage serré **au milieu** d'un autre cinquante fois plus large ; deux anneaux enlacés ; un nœud, qui n'est qu'**une seule** ligne fermée. Aucun ne tient tel quel dans le plan.

# %% [markdown] tags=["en"]
# ### Trap 5: a shape takes more than one map
#
# A tight cloud **in the middle** of another that is fifty times as wide; two linked rings; a knot, which is but **one** closed line. None of them fits the plane as it is.

# %% tags=["nbval-ignore-output"]
inner, which = nested()
rings, ring = linked_rings()
knot = trefoil()


def breaks(points):
    gaps = np.linalg.norm(np.diff(points, axis=0, append=points[:1]), axis=1)
    return int((gaps > 5 * np.median(gaps)).sum())


ratios, cuts, panels = [], [], {}
perplexities = (3, 10, 39)
for value in perplexities:
    shown = tsne(inner, perplexity=value, steps=500).points
    tied = tsne(knot, perplexity=value, steps=500).points
    ratios.append(np.divide(*group_spread(shown, which)[::-1]))
    cuts.append(breaks(tied))
    panels["13.knot_title".format(value=value)] = tied
panels["13.rings_title"] = tsne(rings, perplexity=10, steps=500).points
panels["13.nested_title"] = shown
DescribedFigure(embedding_figure(panels), "13.topology_text")

# %% tags=["nbval-ignore-output"]
say("13.topology", ratio=np.divide(*group_spread(inner, which)[::-1]), breaks=breaks(knot))
Table({"13.table.perplexity": perplexities, "13.table.spread": ratios, "13.table.breaks": cuts}, ["", ".1f", ""])

# %% [markdown] tags=["fr"]
# Selon la perplexité, le nœud reste entier ou se rompt, et le nuage du milieu prend plus ou moins de place. Une carte ne suffit pas : ce qui revient sur **plusieurs** a des chances d'être vrai.
#
# ### Piège 6 : s'arrêter trop tôt
#
# Reprenons les chiffres, et regardons la carte pendant qu'elle se fait. Une carte pincée en un point ou étirée en ligne n'est souvent pas finie.

# %% [markdown] tags=["en"]
# According to the perplexity, the knot stays whole or breaks, and the cloud in the middle takes more room or less. One map is not enough: what comes back on **several** is likely to be true.
#
# ### Trap 6: stopping too early
#
# Let us take the digits again and look at the map while it is made. A map pinched into a point or stretched into a line is often not finished.

# %% tags=["nbval-ignore-output"]
moments = {}


def watch(points, done, divergence):
    if done in (10, 50, 250, 500):
        moments[done] = points, divergence


final = tsne(some.vectors, steps=500, start="random", watch=watch)
shown = {"13.step_title".format(step=step): points for step, (points, _) in moments.items()}
DescribedFigure(embedding_figure(shown, some.groups, some.group_names), "13.steps_text")

# %% tags=["nbval-ignore-output"]
shares = [map_quality(some.vectors, points).kept for points, _ in moments.values()]
losses = [loss for _, loss in moments.values()]
Table({"13.table.step": list(moments), "13.table.loss": losses, "13.table.kept": shares}, ["", ".2f", ".0%"])

# %% [markdown] tags=["fr"]
# ## Deux graines, une même carte ?
#
# Partons de deux dispositions au hasard. **Procruste** tourne, retourne et agrandit l'une pour la poser sur l'autre, puis dit ce qui reste (0 : même forme, 1 : rien de commun). Comparons aussi les voisins.

# %% [markdown] tags=["en"]
# ## Two seeds, one map?
#
# Let us begin from two random arrangements. **Procrustes** turns, mirrors and enlarges one to lay it on the other, then says what is left over (0: the same shape, 1: nothing in common). Let us compare the neighbours too.

# %% tags=["nbval-ignore-output"]
other = tsne(some.vectors, steps=500, start="random", seed=1)
again = tsne(some.vectors, steps=500, start="random", seed=1)
say(
    "13.seeds",
    shape=procrustes(final.points, other.points),
    neighbours=neighbour_overlap(final.points, other.points),
    same="=" if np.array_equal(other.points, again.points) else "≠",
)

# %% [markdown] tags=["fr"]
# Ici, le hasard du départ pèse peu ou beaucoup ? Cela dépend des données : faites cette comparaison sur **vos** cartes avant d'en lire la géographie. Partir de l'ACP, comme au début de ce notebook, ôte ce hasard-là : toutes les cartes commencent pareil (Kobak et Berens, 2019).
#
# ## La dernière couche d'un réseau
#
# Voici l'usage de la diapositive : les vecteurs de la dernière couche d'un réseau, celle d'où vient sa réponse. Ici, 1 100 photographies que le réseau des photos n'a jamais vues, cent de chaque classe, avec 384 nombres chacune ; les points cerclés sont celles qu'il **lit mal**. **Pariez** : où seront-ils ? Parmi les photos de leur vraie classe, ou parmi celles de la classe que le réseau leur donne ?

# %% [markdown] tags=["en"]
# Does the luck of the start weigh little or much here? It depends on the data: make this comparison on **your** maps before you read their geography. To begin from PCA, as at the top of this notebook, takes this luck away: all maps begin alike (Kobak and Berens, 2019).
#
# ## The last layer of a network
#
# This is what the slide does: the vectors of a network's last layer, the one its answer is made from. Here, 1,100 photographs that the photos network never saw, a hundred of each class, with 384 numbers each; ringed points are those that it **misreads**. **Place your bet**: where will they be? Among the photographs of their true class, or among those of the class that the network gives them?

# %%
bet("13.1", "13.bet.mistakes", ["13.bet.true", "13.bet.called"])

# %% tags=["nbval-ignore-output"]
features = load_vectors("photos")
drawn = tsne(features.vectors, steps=500).points
DescribedFigure(
    embedding_figure({"embedding.method_tsne": drawn}, features.groups, features.group_names, features.marked),
    "13.features_text",
)


# %% tags=["nbval-ignore-output"]
def share_around(points, wanted):
    """Return for each point the share of its ten nearest neighbours that are of a wanted class."""
    distances = np.linalg.norm(points[:, np.newaxis] - points, axis=2)
    return (features.groups[np.argsort(distances, axis=1)[:, 1:11]] == wanted[:, np.newaxis]).mean(axis=1)


wrong = features.marked
called = np.array([features.group_names.index(name.rpartition(" → ")[2]) for name in np.array(features.names)[wrong]])
said = features.groups.copy()
said[wrong] = called
say(
    "13.features",
    count=len(drawn),
    wrong=int(wrong.sum()),
    alike=share_around(drawn, features.groups)[~wrong].mean(),
    flat=share_around(pca(features.vectors).points, features.groups)[~wrong].mean(),
)
say(
    "13.mistakes",
    true=share_around(drawn, features.groups)[wrong].mean(),
    called=share_around(drawn, said)[wrong].mean(),
)
settle("13.1", int(share_around(drawn, said)[wrong].mean() > share_around(drawn, features.groups)[wrong].mean()))

# %% [markdown] tags=["fr"]
# La carte aide à **déboguer** : une erreur au milieu d'un autre groupe est une confusion franche ; au bord, une hésitation. Ouvrez le labo sur ces vecteurs avec `EmbeddingLab("photos")` et entourez les erreurs ; passez sur un point pour lire ce que le réseau a dit. Pour votre modèle et vos images, `last_features(modele, images, classes)` fait les mêmes vecteurs, avec les imagettes : celles de ces photos ne peuvent pas être distribuées.
#
# ## Dans le projecteur
#
# Le projecteur de TensorFlow (Embedding Projector) fait ces cartes dans le navigateur, en 3D aussi. Il lit quatre fichiers : les vecteurs, les noms, les imagettes, et un mode d'emploi. Les voici, prêts à être chargés sur *projector.tensorflow.org* (bouton « Load ») ou lus par TensorBoard.

# %% [markdown] tags=["en"]
# The map helps to **debug**: a mistake in the middle of another group is an outright confusion; at the edge, a hesitation. Open the lab on these vectors with `EmbeddingLab("photos")` and draw around the mistakes; point at one to read what the network said. For your own model and pictures, `last_features(model, pictures, classes)` makes the same vectors, with thumbnails: those of these photographs cannot be given away.
#
# ## In the projector
#
# TensorFlow's Embedding Projector makes such maps in the browser, in 3-D too. It reads four files: the vectors, the names, the thumbnails, and how they go together. Here they are, ready to be loaded on *projector.tensorflow.org* (button “Load”) or read by TensorBoard.

# %%
with tempfile.TemporaryDirectory() as folder:
    for file in digits.to_projector(folder):
        print(file.name)

# %%
calibration()

# %% [markdown] tags=["fr"]
# ## Ce qu'il faut retenir
#
# - Une carte t-SNE garde une grande part des **voisinages** ; les distances ne sont pas conservées (13.1, 13.2).
# - Ni la taille des groupes, ni la distance entre eux, ni leur place ne se lisent.
# - Le bruit a des formes : avant de croire à un groupe, refaites la carte avec une autre perplexité, une autre graine, et avec du vrai hasard.
# - Laissez-la finir.
# - Mesurez : fiabilité, continuité, voisins gardés, à côté de chaque carte que vous montrez.
#
# ### Sources
#
# - Laurens van der Maaten, Geoffrey Hinton, *Visualizing Data using t-SNE*, 2008.
# - Martin Wattenberg, Fernanda Viégas, Ian Johnson, *How to Use t-SNE Effectively*, 2016.
# - Jarkko Venna, Samuel Kaski, *Neighborhood Preservation in Nonlinear Projection Methods*, 2001.
# - Leland McInnes, John Healy, James Melville, *UMAP: Uniform Manifold Approximation and Projection*, 2018.
# - Dmitry Kobak, Philipp Berens, *The Art of Using t-SNE for Single-Cell Transcriptomics*, 2019, pour le départ depuis l'ACP.
# - Pavlin Poličar, Martin Stražar, Blaž Zupan, *openTSNE: A Modular Python Library for t-SNE Dimensionality Reduction*, 2024.

# %% [markdown] tags=["en"]
# ## What to remember
#
# - A t-SNE map keeps a large part of the **neighbourhoods**; distances are not preserved (13.1, 13.2).
# - Neither the size of groups, nor the distance between them, nor their place can be read.
# - Noise has shapes: before you believe in a group, make the map again with another perplexity, another seed, and with true chance.
# - Let it finish.
# - Measure: trustworthiness, continuity, neighbours kept, beside every map that you show.
#
# ### Sources
#
# - Laurens van der Maaten, Geoffrey Hinton, *Visualizing Data using t-SNE*, 2008.
# - Martin Wattenberg, Fernanda Viégas, Ian Johnson, *How to Use t-SNE Effectively*, 2016.
# - Jarkko Venna, Samuel Kaski, *Neighborhood Preservation in Nonlinear Projection Methods*, 2001.
# - Leland McInnes, John Healy, James Melville, *UMAP: Uniform Manifold Approximation and Projection*, 2018.
# - Dmitry Kobak, Philipp Berens, *The Art of Using t-SNE for Single-Cell Transcriptomics*, 2019, for the start from PCA.
# - Pavlin Poličar, Martin Stražar, Blaž Zupan, *openTSNE: A Modular Python Library for t-SNE Dimensionality Reduction*, 2024.
