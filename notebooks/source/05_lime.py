# ---
# jupyter:
#   course:
#     title:
#       fr: "LIME : expliquer n'importe quel modèle"
#       en: "LIME: explain any model"
#     minutes: 75
#     before: [04_occlusion]
#     part: explain
#     level: 1
#     slides:
#       fr: "LIME, superpixels, agnostique au modèle"
#       en: "LIME, superpixels, model-agnostic"
# ---

# %% [markdown] tags=["fr"]
# Un cache cache une chose à la fois. Mais un chat a deux yeux : cachez-en un, l'autre suffit. Il faudrait en cacher plusieurs ensemble, de toutes les façons, et démêler ensuite ce que chacun apportait. C'est ce que fait LIME, et il ne demande au modèle que de répondre : réseau, forêt ou sac de mots, peu importe.
#
# À la fin de ce notebook, vous aurez expliqué une image, un vin et une critique de film ; écrit le calcul de LIME vous-même ; et mesuré quand on peut s'y fier.

# %% [markdown] tags=["en"]
# A patch hides one thing at a time. But a cat has two eyes: hide one, and the other is enough. Several should be hidden together, in every way, and then the part of each be disentangled. That is what LIME does, and it asks nothing of the model but answers: network, forest or bag of words, it does not matter.
#
# By the end of this notebook you will have explained a picture, a wine and a film review; written LIME's computation yourself; and measured when it can be trusted.

# %% [markdown] tags=["fr"]
# ## Ce que montre la diapositive
#
# Au lieu d'un carré, des **superpixels** : des morceaux de couleur semblable, qui suivent les contours.

# %% [markdown] tags=["en"]
# ## What the slide shows
#
# Instead of a square, **superpixels**: pieces of like colour, which follow the outlines.

# %%
import numpy as np
from sklearn.linear_model import lars_path

from xai_widgets import LimeLab, language, load_model, load_table, load_text_model, sample_image, tabular_forest
from xai_widgets.course import Table, claim, exercise, say
from xai_widgets.course.display.map_figures import compare_maps, draw_lines, show_pictures, show_words
from xai_widgets.datasets.creatures import draw, sample_scene
from xai_widgets.datasets.pictures.creature_samples import creature_scene
from xai_widgets.datasets.reviews import held_out_reviews
from xai_widgets.datasets.reviews.grammar import grammar
from xai_widgets.methods import lime_image, lime_tabular, lime_text, map_similarity, superpixels
from xai_widgets.methods.attribution.perturbation.lime_image import fit_lime, segment_means
from xai_widgets.methods.evaluation.seed_stability import top_overlap

creatures = load_model("creatures")
pair = sample_image("creature-cat-dog")
x = creatures.preprocess(pair)
cat = creatures.index("cat")
pieces = superpixels(x, "slic", 40)
count = int(pieces.max()) + 1

rng = np.random.default_rng(0)
bits = rng.integers(0, 2, (300, count))
bits[0] = 1
means = segment_means(x, pieces)


def neighbours(bits):
    shown = bits[:, pieces[0]][..., np.newaxis]
    return np.where(shown == 1, x, means).astype("float32")


show_pictures({f"{n}": np.uint8(255 * one) for n, one in enumerate(neighbours(bits[:5]))})

# %%
say("05.pieces", count=count, all=f"2^{count}")

# %% [markdown] tags=["fr"]
# **Pariez avant de continuer.** Cacher un morceau du chat fait baisser le score, en cacher un autre aussi. Cacher les deux le fait-il baisser de la somme ?
#
# ## À vous de jouer
#
# Cliquez sur des morceaux pour les cacher (ou promenez le curseur avec les flèches et appuyez sur Entrée). Sous l'image, le score du réseau, et ce qu'en promet la somme de LIME.
#
# 1. Cachez le visage du chat, morceau par morceau. Lequel coûte le plus ? Est-ce celui que LIME met en rouge ?
# 2. Cachez-en trois ou quatre à la fois : la somme de LIME dit-elle juste ?
# 3. Cachez ce que LIME a mis en bleu : pourquoi le score monte-t-il ?
# 4. Changez la graine : rien n'a changé, ni l'image ni le réseau. La réponse, si ?
# 5. Montez le nombre d'échantillons jusqu'à ce que les graines soient d'accord.

# %% [markdown] tags=["en"]
# **Place your bet before you go on.** Hiding one piece of the cat lowers the score, hiding another does too. Does hiding both lower it by the sum?
#
# ## Your turn to play
#
# Click on pieces to hide them (or move the cursor with the arrow keys and press Enter). Under the picture stand the score of the network, and what LIME's sum promises of it.
#
# 1. Hide the face of the cat, piece by piece. Which costs most? Is it the one that LIME shows in red?
# 2. Hide three or four at a time: is LIME's sum right?
# 3. Hide what LIME shows in blue: why does the score rise?
# 4. Change the seed: nothing has changed, neither the picture nor the network. Has the answer?
# 5. Raise the number of samples until the seeds agree.

# %%
lab = LimeLab(creatures, "creature-cat-dog", target="cat", samples=100, seeds=3)
lab

# %% [markdown] tags=["fr"]
# ## La recette
#
# Ribeiro, Singh et Guestrin (2016) :
#
# 1. tirer au sort des **voisins** : chaque morceau est montré ou caché, à pile ou face ; $z \in \{0, 1\}^S$ ;
# 2. demander au modèle son score $f(z)$ pour chacun ;
# 3. ajuster une droite, $f(z) \approx \beta_0 + \sum_s \beta_s z_s$, où un voisin pèse d'autant plus qu'il ressemble à l'image :
#
# $$\min_\beta \sum_z \pi(z) \Big(f(z) - \beta_0 - \sum_s \beta_s z_s\Big)^2 + \lambda \sum_s \beta_s^2, \qquad \pi(z) = \sqrt{e^{-d(z)^2 / w^2}}$$
#
# où $d$ est un moins le cosinus de $z$ avec l'image entière. Le poids $\beta_s$ est la réponse : ce que le morceau $s$ ajoute au score, tout près de cette image.

# %% [markdown] tags=["en"]
# ## The recipe
#
# Ribeiro, Singh and Guestrin (2016):
#
# 1. draw **neighbours** by lot: each piece is shown or hidden, heads or tails; $z \in \{0, 1\}^S$;
# 2. ask the model for its score $f(z)$ of each;
# 3. fit a line, $f(z) \approx \beta_0 + \sum_s \beta_s z_s$, in which a neighbour weighs the more the closer it is to the picture:
#
# $$\min_\beta \sum_z \pi(z) \Big(f(z) - \beta_0 - \sum_s \beta_s z_s\Big)^2 + \lambda \sum_s \beta_s^2, \qquad \pi(z) = \sqrt{e^{-d(z)^2 / w^2}}$$
#
# where $d$ is one minus the cosine of $z$ with the whole picture. The weight $\beta_s$ is the answer: what the piece $s$ adds to the score, close to this picture.

# %%
explained = lime_image(creatures, pair, "cat", segments=pieces[0], samples=300, seed=0)
compare_maps({"cat": explained.values[0]}, pair)

# %%
drawing = draw(creature_scene("creature-cat-dog"))
mask = drawing.animals[drawing.labels.index("cat")]
first = np.argsort(-explained.weights[0])[:5]
inside = sum(mask[pieces[0] == piece].mean() > 0.5 for piece in first)
say("05.lime_fit", fit=explained.fit[0], inside=int(inside))

# %% [markdown] tags=["fr"]
# Et votre pari ? Cachons le premier morceau seul, le deuxième seul, puis les deux ; ici d'abord, puis sur soixante autres images, où LIME est refait avec 32 voisins et deux graines.

# %% [markdown] tags=["en"]
# And your bet? Let us hide the first piece alone, the second alone, then both; here first, then on sixty other pictures, where LIME is run again with 32 neighbours and two seeds.

# %%
trials = np.ones((4, count), int)
trials[1, first[0]] = trials[2, first[1]] = trials[3, first[:2]] = 0
found = creatures.logits(neighbours(trials))[:, cat]
one, other, both = found[0] - found[1:]
say("05.bet", one=one, other=other, both=both, sum=one + other)

# %%
sixty = [draw(sample_scene((5, number), animals=1, occluders=False)) for number in range(60)]
first_on_animal, missing, shared = [], [], []
for one in sixty:
    # fr: Les mêmes calculs qu'au-dessus, pour une autre image et sa classe.
    # en: The same computations as above, for another picture and its class.
    image, label = creatures.preprocess(one.picture), one.labels[0]
    cut = superpixels(image, "slic", 40)[0]
    weights = [lime_image(creatures, image, label, segments=cut, samples=32, seed=seed).weights[0] for seed in (0, 1)]
    shared.append(top_overlap(weights, 5))
    best = np.argsort(-weights[0])[:2]
    first_on_animal.append(bool(one.animals[0][cut == best[0]].mean() > 0.5))
    holes = [cut == best[0], cut == best[1], np.isin(cut, best)]
    shown = np.stack(
        [image[0], *(np.where(hole[..., None], segment_means(image, cut[None])[0], image[0]) for hole in holes)]
    )
    whole, *without = creatures.logits(shown.astype("float32"))[:, creatures.index(label)]
    alone, beside, together = whole - np.array(without)
    missing.append(alone + beside - together)

on_animal = np.mean([one.animals[0].mean() for one in sixty])
claim("05.1", "05.claim.first", first_on_animal, at_least=on_animal, chance=on_animal)
claim("05.2", "05.claim.sum", np.abs(missing), at_least=0.1, signed=np.mean(missing))

# %% [markdown] tags=["fr"]
# Le score n'est donc pas la somme des morceaux : une droite ne peut en donner qu'une approximation. $R^2$ dit laquelle.
#
# ### Le terme de complexité, et K-LASSO
#
# La diapositive écrit l'explication $\mathrm{argmin}_g\; \mathcal{L}(f, g, \pi_x) + \Omega(g)$ : l'écart $\mathcal{L}$ entre le modèle $f$ et la droite $g$, plus $\Omega(g)$, la **complexité** de la droite. Dans l'article, $\Omega$ est nul si $g$ emploie au plus $K$ morceaux, et infini au-delà. On choisit ces $K$ morceaux par **K-LASSO** : suivre le chemin du LASSO, du plus pénalisé au moins pénalisé, jusqu'à ce que $K$ poids soient non nuls, puis refaire la régression sur eux seuls. Que perd-on à n'en garder que quelques-uns ?

# %% [markdown] tags=["en"]
# So the score is not the sum of the pieces: a line can only approximate it. $R^2$ says how well.
#
# ### The complexity term, and K-LASSO
#
# The slide writes the explanation $\mathrm{argmin}_g\; \mathcal{L}(f, g, \pi_x) + \Omega(g)$: the distance $\mathcal{L}$ between the model $f$ and the line $g$, plus $\Omega(g)$, the **complexity** of the line. In the paper, $\Omega$ is zero if $g$ uses at most $K$ pieces, and infinite beyond. These $K$ pieces are chosen by **K-LASSO**: follow the path of the LASSO, from the most to the least penalised, until $K$ weights are not zero, then fit again on these alone. What is lost by keeping only a few?


# %%
def k_lasso(bits, scores, pieces_kept, width=0.25):
    distance = 1 - np.sqrt(bits.mean(axis=1))
    weight = np.sqrt(np.exp(-(distance**2) / width**2))
    root = np.sqrt(weight)[:, None]
    rows = root * (bits - np.average(bits, axis=0, weights=weight))
    target = root[:, 0] * (scores - np.average(scores, weights=weight))
    _, _, path = lars_path(rows, target, method="lasso")
    kept = np.flatnonzero(path[:, np.flatnonzero((path != 0).sum(axis=0) <= pieces_kept)[-1]])
    beta = np.linalg.lstsq(rows[:, kept], target, rcond=None)[0]
    left = target - rows[:, kept] @ beta
    return kept, beta, 1 - (left @ left) / (target @ target)


asked = creatures.logits(neighbours(bits))
by_complexity = {size: k_lasso(bits, asked[:, cat], size) for size in (1, 2, 4, 8, 16)}
Table(
    {
        "05.table.complexity": list(by_complexity),
        "table.fit": [fit for _, _, fit in by_complexity.values()],
        "05.table.on_the_cat": [
            np.mean([mask[pieces[0] == piece].mean() > 0.5 for piece in kept]) for kept, _, _ in by_complexity.values()
        ],
    },
    ["", ".2f", ".0%"],
    caption="05.table.k_lasso",
)

# %% [markdown] tags=["fr"]
# ### Trois classes, les mêmes voisins
#
# La diapositive explique trois réponses d'une même image : guitare électrique, guitare acoustique, labrador. Les voisins ne dépendent pas de la classe : on les demande une fois au modèle, et chaque classe n'est qu'une régression de plus. Ici le chat et le chien, qui sont là, et l'ours, qui n'y est pas.

# %% [markdown] tags=["en"]
# ### Three classes, the same neighbours
#
# The slide explains three answers for one picture: electric guitar, acoustic guitar, Labrador. The neighbours do not depend on the class: the model is asked once, and each class is only one more regression. Here the cat and the dog, which are there, and the bear, which is not.

# %%
three = {label: k_lasso(bits, asked[:, creatures.index(label)], 6) for label in ("cat", "dog", "bear")}
drawn = {}
for label, (kept, beta, _) in three.items():
    drawn[label] = np.zeros(pieces[0].shape)
    for piece, weight in zip(kept, beta, strict=True):
        drawn[label][pieces[0] == piece] = weight
compare_maps(drawn, pair, shared=False)

# %% [markdown] tags=["fr"]
# ### Exercice 1 : la droite, à la main
#
# Écrivez `my_fit(bits, scores, width, ridge)` : les poids $\beta_1 \dots \beta_S$ (sans la constante) de la régression ci-dessus. `bits` a la forme (N, S) ; la pénalité ne touche pas la constante.

# %% [markdown] tags=["en"]
# ### Exercise 1: the line, by hand
#
# Write `my_fit(bits, scores, width, ridge)`: the weights $\beta_1 \dots \beta_S$ (without the constant) of the regression above. `bits` has the shape (N, S); the penalty leaves the constant alone.


# %% exercise="05.fit"
def my_fit(bits, scores, width, ridge):
    ### BEGIN SOLUTION
    distance = 1 - np.sqrt(bits.mean(axis=1))
    weight = np.sqrt(np.exp(-(distance**2) / width**2))
    # fr: Une colonne de uns porte la constante, que la pénalité laisse libre.
    # en: A column of ones carries the constant, which the penalty leaves free.
    rows = np.column_stack([np.ones(len(bits)), bits])
    penalty = np.diag([0.0] + [ridge] * bits.shape[1])
    beta = np.linalg.solve(rows.T * weight @ rows + penalty, rows.T * weight @ scores)
    return beta[1:]
    ### END SOLUTION


# %% check="05.fit" points=3
exercise("05.fit").check(my_fit)

# %%
scores = creatures.logits(neighbours(bits))[:, cat]
library, _, _, _ = fit_lime(bits.astype("uint8"), scores, kernel_width=0.25, ridge=1.0, features=None)
if exercise("05.fit").passed:
    assert np.abs(my_fit(bits, scores, 0.25, 1.0) - library).max() < 1e-3
    say("05.same_as_library", difference=0.001, largest=library.max())
else:
    say("05.fit_first")

# %% [markdown] tags=["fr"]
# ## L'explication dépend-elle du tirage ?
#
# Les voisins sont tirés au sort. Avec une autre graine, d'autres voisins, et d'autres poids. Mesurons-le : six graines, et de plus en plus d'échantillons. Deux nombres : la part commune des cinq premiers morceaux, et la corrélation des rangs des poids.

# %% [markdown] tags=["en"]
# ## Does the explanation depend on the draw?
#
# Neighbours are drawn by lot. With another seed come other neighbours, and other weights. Let us measure it: six seeds, and more and more samples. Two numbers: the share of the five first pieces in common, and the rank correlation of the weights.

# %%
samples, runs = [32, 64, 128, 256, 512], {}
for seed in range(6):
    # fr: Le flux donne la réponse après 32 voisins, puis 64, 128... : une seule suite de tirages par graine.
    # en: The stream gives the answer after 32 neighbours, then 64, 128...: one run of draws for each seed.
    for found in lime_image.stream(creatures, pair, "cat", segments=pieces[0], samples=512, seed=seed):
        runs.setdefault(found.recipe.options["samples"], []).append(found.weights[0])
runs = [np.stack(runs[number]) for number in samples]


def rank_agreement(weights):
    pairs = [(a, b) for a in range(len(weights)) for b in range(a)]
    return np.mean([map_similarity(weights[[a]][np.newaxis], weights[[b]][np.newaxis])[0] for a, b in pairs])


overlaps = [top_overlap(weights, 5) for weights in runs]
agreements = [rank_agreement(weights) for weights in runs]
chance = 5 / count
draw_lines(
    samples,
    {"05.overlap": overlaps, "05.ranks": agreements, "05.chance": [chance] * len(samples)},
    x_label="table.samples",
    y_label="table.agreement",
)

# %%
assert overlaps[-1] > overlaps[0]
say("05.stable", few=samples[0], low=overlaps[0], many=samples[-1], high=overlaps[-1], chance=chance)
claim("05.3", "05.claim.shared", shared, at_most=0.9, chance=chance)

# %% [markdown] tags=["fr"]
# Avec peu de voisins, une partie de l'explication vient du tirage et non du modèle (05.3). Le remède est simple et coûteux : davantage d'échantillons. Combien ?
#
# ### Exercice 2 : choisir le nombre d'échantillons
#
# Écrivez `enough_samples(samples, runs, count, wanted)` : le plus petit nombre à partir duquel deux graines ont **toujours** au moins la part `wanted` de leurs `count` premiers morceaux en commun, ou `np.inf`. `runs[i]`, de forme (R, S), tient les poids de R graines avec `samples[i]` échantillons ; `top_overlap(weights, count)` donne la part commune.

# %% [markdown] tags=["en"]
# With few neighbours, part of the explanation comes from the draw and not from the model (05.3). The remedy is simple and costly: more samples. How many?
#
# ### Exercise 2: choose the number of samples
#
# Write `enough_samples(samples, runs, count, wanted)`: the smallest number from which on two seeds **always** have at least the share `wanted` of their `count` first pieces in common, or `np.inf`. `runs[i]`, of shape (R, S), holds the weights of R seeds with `samples[i]` samples; `top_overlap(weights, count)` gives the share in common.


# %% exercise="05.samples"
def enough_samples(samples, runs, count, wanted):
    ### BEGIN SOLUTION
    best = np.inf
    for number, weights in zip(samples[::-1], runs[::-1], strict=True):
        if top_overlap(weights, count) < wanted:
            break
        best = number
    return best
    ### END SOLUTION


# %% check="05.samples" points=2
exercise("05.samples").check(enough_samples)

# %%
if exercise("05.samples").passed:
    enough = enough_samples(samples, runs, 5, 0.8)
    if np.isfinite(enough):
        say("05.enough", wanted=0.8, samples=int(enough))
    else:
        say("05.never", wanted=0.8, samples=samples[-1])
else:
    say("05.samples_first")

# %% [markdown] tags=["fr"]
# ## Une table : le vin d'une forêt
#
# LIME ne demande qu'un score : une forêt d'arbres, sans gradient, convient aussi. 178 vins, 13 mesures chimiques, 3 cépages (Forina et ses collègues, 1986).

# %% [markdown] tags=["en"]
# ## A table: the wine of a forest
#
# LIME asks for nothing but a score: a forest of trees, with no gradient, will do as well. 178 wines, 13 chemical measures, 3 grapes (Forina and colleagues, 1986).

# %%
wine = load_table("wine")
forest = tabular_forest(wine)
features, grapes = wine.test
votes = forest.predict_proba(features)
# fr: Celui dont la forêt est la moins sûre.
# en: The one of which the forest is least sure.
row = int(np.argmin(votes.max(axis=1)))
say(
    "05.forest",
    accuracy=np.mean(votes.argmax(axis=1) == grapes),
    label=wine.labels[int(votes[row].argmax())],
    sure=votes[row].max(),
)

# %%
explanations = [
    lime_tabular(
        forest, features[row], training=wine.train.features, names=wine.feature_titles(), samples=500, seed=seed
    )
    for seed in range(4)
]
weights = explanations[0].weights[0]
order = np.argsort(-np.abs(weights))[:6]
Table(
    {"table.condition": [explanations[0].names[0][place] for place in order], "table.weight": weights[order]},
    ["", "+.2f"],
)

# %%
say("05.table_fit", fit=explanations[0].fit[0])
say("05.table_seeds", seeds=4, overlap=top_overlap([np.abs(one.weights[0]) for one in explanations], 5))

# %% [markdown] tags=["fr"]
# Chaque ligne est une condition (« tel dosage au-dessus de telle valeur ») et ce qu'elle ajoute à la part des voix. Les bornes sont les quartiles des vins d'entraînement : les voisins sont tirés dans la table, pas autour de ce vin-ci. C'est une des critiques faites à LIME : que veut dire « local » quand les voisins viennent de partout ? (Garreau et von Luxburg, 2020.)

# %% [markdown] tags=["en"]
# Each line is a condition (“this measure above that value”) and what it adds to the share of the votes. The bounds are the quartiles of the training wines: neighbours are drawn from the table, not around this very wine. This is one of the criticisms of LIME: what does “local” mean when the neighbours come from everywhere? (Garreau and von Luxburg, 2020.)

# %% [markdown] tags=["fr"]
# ### SP-LIME : quelques exemples pour tout le modèle
#
# Une explication est locale. Pour juger le modèle entier, l'article propose SP-LIME (*submodular pick*) : expliquer beaucoup d'exemples, puis en choisir quelques-uns dont les explications, ensemble, **couvrent** les colonnes importantes. L'importance d'une colonne est $I_j = \sqrt{\sum_i |W_{ij}|}$ ; on ajoute chaque fois l'exemple qui couvre le plus de ce qui ne l'est pas encore. Une colonne est couverte si elle est parmi les trois premières d'un exemple choisi.

# %% [markdown] tags=["en"]
# ### SP-LIME: a few examples for the whole model
#
# An explanation is local. To judge the whole model, the paper proposes SP-LIME (*submodular pick*): explain many examples, then choose a few whose explanations together **cover** the important columns. The importance of a column is $I_j = \sqrt{\sum_i |W_{ij}|}$; each time the example is added that covers most of what is not covered yet. A column is covered if it is among the first three of a chosen example.

# %%
every = lime_tabular(forest, features, training=wine.train.features, samples=200, seed=0)
table_of_weights = np.abs(np.stack([np.asarray(one) for one in every.weights]))
importance = np.sqrt(table_of_weights.sum(axis=0))
three_first = [set(np.argsort(-row)[:3]) for row in table_of_weights]


def coverage(chosen):
    return importance[list(set().union(*(three_first[place] for place in chosen)))].sum() / importance.sum()


chosen = []
for _ in range(3):
    chosen.append(max(range(len(three_first)), key=lambda place: coverage([*chosen, place])))
at_random = [coverage(rng.choice(len(three_first), 3, replace=False)) for _ in range(200)]
beaten = np.mean(coverage(chosen) > np.array(at_random))
claim("05.4", "05.claim.coverage", beaten, at_least=0.5, chosen=coverage(chosen), random=np.mean(at_random))

# %% [markdown] tags=["fr"]
# ## Un texte : quels mots ont compté ?
#
# Deux modèles disent si une critique de film est positive : un **sac de mots**, qui ne sait pas dans quel ordre ils viennent, et un petit **réseau** qui lit les mots à la suite. Pour LIME, cacher, c'est ici effacer un mot.

# %% [markdown] tags=["en"]
# ## A text: which words counted?
#
# Two models say whether a film review is positive: a **bag of words**, which does not know in which order they come, and a small **network** which reads the words one after the other. For LIME, to hide is here to strike out a word.

# %%
bag, net = load_text_model("reviews", kind="words"), load_text_model("reviews")
reviews = held_out_reviews()


def right(model, chosen):
    answers = model.predict_proba([one.text for one in chosen]).argmax(axis=1)
    return np.mean(answers == [one.feeling for one in chosen])


say("05.accuracy", count=len(reviews), bag=right(bag, reviews), net=right(net, reviews))

# %%
negated = next(one for one in reviews if one.kind == "negated" and right(bag, [one]) == 0 and right(net, [one]) == 1)
# fr: Ce qu'est un mot pour ces modèles.
# en: What a word is to these models.
word = grammar(language())["word"]
by_bag = lime_text(bag, negated.text, 1, samples=300, pattern=word)
show_words(by_bag.words[0], by_bag.weights[0], bag.labels[1])

# %% [markdown] tags=["fr"]
# **Avant de lire la suite** : d'après cette explication du sac de mots, que ne sait-il pas faire ? Voici celle du réseau.

# %% [markdown] tags=["en"]
# **Before you read on**: by this explanation of the bag of words, what can it not do? Here is that of the network.

# %%
by_net = lime_text(net, negated.text, 1, samples=300, pattern=word)
show_words(by_net.words[0], by_net.weights[0], net.labels[1])

# %% [markdown] tags=["fr"]
# Dans l'explication du sac de mots, la négation ne pèse presque rien, et le mot qui suit garde son sens propre. Une phrase suggère l'hypothèse ; il en faut davantage pour la vérifier.

# %% [markdown] tags=["en"]
# In the explanation of the bag of words, the negation weighs next to nothing, and the word after it keeps its own meaning. One sentence suggests the hypothesis; it takes more to check it.

# %%
kinds = {"plain": "05.kind.plain", "negated": "05.kind.negated", "contrast": "05.kind.contrast"}
of_kind = {kind: [one for one in reviews if one.kind == kind] for kind in kinds}
Table(
    {
        "table.kind": list(kinds.values()),
        "table.bag_right": [right(bag, of_kind[kind]) for kind in kinds],
        "table.net_right": [right(net, of_kind[kind]) for kind in kinds],
    },
    ["", ".0%", ".0%"],
)


# %%
def each_right(model, chosen):
    answers = model.predict_proba([one.text for one in chosen]).argmax(axis=1)
    return answers == [one.feeling for one in chosen]


claim("05.5", "05.claim.bag", each_right(bag, of_kind["negated"]), at_most=0.5, chance=0.5)
claim("05.6", "05.claim.net", each_right(net, of_kind["negated"]), at_least=0.5, chance=0.5)

# %% [markdown] tags=["fr"]
# L'explication a donc servi à formuler une hypothèse sur un défaut du modèle, que l'on a ensuite mesurée sur d'autres phrases.
#
# ### Exercice 3 : les mots qui décident
#
# Une explication se vérifie. Écrivez `words_to_remove(model, text, weights)` : enlevez les mots un à un, à commencer par celui qui parle le plus pour la réponse (le plus grand poids), jusqu'à ce que la réponse change ; renvoyez les places des mots enlevés. `model.without(text, places)` donne le texte sans eux, et `model.predict(text).top(1)[0][0].label` la réponse.

# %% [markdown] tags=["en"]
# So the explanation served to state a hypothesis about a flaw of the model, which was then measured on other sentences.
#
# ### Exercise 3: the words that decide
#
# An explanation can be checked. Write `words_to_remove(model, text, weights)`: take words away one by one, beginning with the one that speaks most for the answer (the largest weight), until the answer changes; return the places of the words taken away. `model.without(text, places)` gives the text without them, and `model.predict(text).top(1)[0][0].label` the answer.


# %% exercise="05.flip"
def words_to_remove(model, text, weights):
    ### BEGIN SOLUTION
    def answer(text):
        return model.predict(text).top(1)[0][0].label

    before, gone = answer(text), []
    for place in np.argsort(-np.asarray(weights)):
        gone.append(int(place))
        if answer(model.without(text, gone)) != before:
            break
    return gone
    ### END SOLUTION


# %% check="05.flip" points=3
exercise("05.flip").check(words_to_remove)

# %%
if exercise("05.flip").passed:
    gone = words_to_remove(bag, negated.text, by_bag.weights[0])
    say("05.removed", words=", ".join(by_bag.words[0][place] for place in gone))
else:
    say("05.flip_first")

# %% [markdown] tags=["fr"]
# ## Les critiques
#
# La diapositive finit sur « Critiques de LIME ?? ». En voici trois, que l'on peut mesurer.
#
# **L'explication dépend du découpage et du remplissage.** Sur cette image, même classe, même graine :

# %% [markdown] tags=["en"]
# ## The critics
#
# The slide ends on “Criticisms of LIME??”. Here are three, which can be measured.
#
# **The explanation depends on how the picture is cut, and on the fill.** On this picture, same class, same seed:

# %%
choices = {
    "05.slic_segments": ("slic", "segments"),
    "05.slic_grey": ("slic", "grey"),
    "05.slic_black": ("slic", "black"),
    "05.grid_segments": ("grid", "segments"),
    "05.felzenszwalb_segments": ("felzenszwalb", "segments"),
}
answers = [
    lime_image(creatures, pair, "cat", segments=kind, count=40, baseline=fill, samples=300)
    for kind, fill in choices.values()
]
compare_maps({name: one.values[0] for name, one in zip(choices, answers, strict=True)}, pair, shared=False)

# %%
Table(
    {
        "table.choice": list(choices),
        "table.like_first": [map_similarity(answers[0].values, one.values)[0] for one in answers],
        "table.fit": [one.fit[0] for one in answers],
    },
    ["", ".2f", ".2f"],
)

# %% [markdown] tags=["fr"]
# **Elle change avec le tirage.** Vous l'avez mesuré plus haut (Visani et ses collègues, 2022, en ont fait un indice).
#
# **Les voisins sont hors distribution.** Une image dont la moitié des morceaux manque ne ressemble pas à celles de l'entraînement, comme au notebook précédent. Slack et ses collègues (2020) en ont fait une attaque : un modèle raciste sur les vrais dossiers, irréprochable sur les voisins que LIME fabrique. L'explication ne montrait rien de la discrimination.
#
# ## Ce qu'il faut retenir
#
# - LIME cache des morceaux au hasard et ajuste une droite. Le modèle n'a qu'à répondre.
# - Le score n'est pas une somme (05.2), et avec peu de voisins l'explication dépend du tirage (05.3) : avant de lire les poids, lisez R² et changez la graine.
# - $\Omega$ borne le nombre de morceaux ; K-LASSO les choisit ; SP-LIME choisit les exemples qui couvrent le plus de colonnes (05.4).
# - Le découpage, ce qui cache et la largeur du noyau sont des choix : donnez-les avec la réponse.
# - Une explication est une hypothèse. On la vérifie en enlevant ce qu'elle désigne.
#
# ### Sources
#
# - Marco Tulio Ribeiro, Sameer Singh, Carlos Guestrin, *“Why should I trust you?”: explaining the predictions of any classifier*, 2016.
# - Radhakrishna Achanta et coll., *SLIC superpixels compared to state-of-the-art superpixel methods*, 2012.
# - Damien Garreau, Ulrike von Luxburg, *Explaining the explainer: a first theoretical analysis of LIME*, 2020.
# - Dylan Slack, Sophie Hilgard, Emily Jia, Sameer Singh, Himabindu Lakkaraju, *Fooling LIME and SHAP: adversarial attacks on post hoc explanation methods*, 2020.
# - Giorgio Visani, Enrico Bagli, Federico Chesani, Alessandro Poluzzi, Davide Capuzzo, *Statistical stability indices for LIME: obtaining reliable explanations for machine learning models*, 2022.
# - M. Forina, C. Armanino, M. Castino, M. Ubigli, *Multivariate data analysis as a discriminating method of the origin of wines*, 1986.

# %% [markdown] tags=["en"]
# **It changes with the draw.** You have measured it above (Visani and colleagues, 2022, made an index of it).
#
# **The neighbours are out of distribution.** A picture of which half the pieces are missing is unlike those of the training, as in the previous notebook. Slack and colleagues (2020) made an attack of it: a model that is racist on real files, and beyond reproach on the neighbours that LIME makes up. The explanation showed nothing of the discrimination.
#
# ## What to remember
#
# - LIME hides pieces at random and fits a line. The model only has to answer.
# - The score is not a sum (05.2), and with few neighbours the explanation depends on the draw (05.3): before you read the weights, read R² and change the seed.
# - $\Omega$ bounds the number of pieces; K-LASSO chooses them; SP-LIME chooses the examples that cover most columns (05.4).
# - How to cut, what hides, and the width of the kernel are choices: give them with the answer.
# - An explanation is a hypothesis. It is checked by taking away what it points at.
#
# ### Sources
#
# - Marco Tulio Ribeiro, Sameer Singh, Carlos Guestrin, *“Why should I trust you?”: explaining the predictions of any classifier*, 2016.
# - Radhakrishna Achanta et al., *SLIC superpixels compared to state-of-the-art superpixel methods*, 2012.
# - Damien Garreau, Ulrike von Luxburg, *Explaining the explainer: a first theoretical analysis of LIME*, 2020.
# - Dylan Slack, Sophie Hilgard, Emily Jia, Sameer Singh, Himabindu Lakkaraju, *Fooling LIME and SHAP: adversarial attacks on post hoc explanation methods*, 2020.
# - Giorgio Visani, Enrico Bagli, Federico Chesani, Alessandro Poluzzi, Davide Capuzzo, *Statistical stability indices for LIME: obtaining reliable explanations for machine learning models*, 2022.
# - M. Forina, C. Armanino, M. Castino, M. Ubigli, *Multivariate data analysis as a discriminating method of the origin of wines*, 1986.
