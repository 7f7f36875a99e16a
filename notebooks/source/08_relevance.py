# ---
# jupyter:
#   course:
#     title:
#       fr: "La pertinence : partager un score entre les pixels"
#       en: "Relevance: sharing a score out among the pixels"
#     minutes: 75
#     before: [06_gradients]
#     part: explain
#     level: 3
#     slides:
#       fr: "saturation, discontinuité, LRP, DeepLIFT"
#       en: "saturation, discontinuity, LRP, DeepLIFT"
# ---

# %% [markdown] tags=["fr"]
# Un réseau donne à la classe « chat » le score 3,7. À quels pixels le doit-il ? Le gradient répond à une autre question : que se passerait-il si ce pixel changeait un peu ? Ici, on veut une **addition** : une part pour chaque pixel, et que la somme des parts soit le score.
#
# À la fin de ce notebook, vous saurez où le gradient se trompe, comment LRP et DeepLIFT s'y prennent autrement, vérifier que rien ne se perd en route, et choisir l'image à laquelle on compare.

# %% [markdown] tags=["en"]
# A network gives the class “cat” the score 3.7. Which pixels does it owe it to? The gradient answers another question: what would happen if this pixel changed a little? Here we want an **addition**: a share for each pixel, and shares that add up to the score.
#
# By the end of this notebook you will know where the gradient goes wrong, how LRP and DeepLIFT go about it in other ways, how to check that nothing is lost on the way, and how to choose the picture that one compares with.

# %% [markdown] tags=["fr"]
# ## Ce que montre la diapositive : la saturation
#
# Voici le réseau de la diapositive : deux entrées, une sortie qui monte avec leur somme jusqu'à 1, puis ne bouge plus. **Pariez** : en (1, 1), quelle part revient à $i_1$, quelle part à $i_2$ ? Et que dira le gradient ?

# %% [markdown] tags=["en"]
# ## What the slide shows: saturation
#
# Here is the slide's network: two inputs, and an output that rises with their sum up to 1, then stays put. **Place your bet**: at (1, 1), what is the share of $i_1$, what that of $i_2$? And what will the gradient say?

# %%
import keras
import numpy as np

from xai_widgets import AttributionExplorer, RelevanceLab, ToyNets, load_model, sample_image
from xai_widgets.course import Table, bet, calibration, claim, exercise, say, settle
from xai_widgets.course.examples.explanation_comparison import with_interval
from xai_widgets.datasets.creatures import draw, sample_scene
from xai_widgets.methods import (
    deep_lift,
    gradient_times_input,
    integrated_gradients,
    lrp,
    occlusion,
    relevance_by_layer,
    relevance_mass,
    saliency,
)
from xai_widgets.methods.attribution.backpropagation.rules.composites import Composite
from xai_widgets.methods.attribution.backpropagation.rules.relevance_rules import Epsilon, Gamma, ZBox
from xai_widgets.models.toy_networks import saturating_net, threshold_net

ToyNets(net="saturation", i1=1.0, i2=1.0)

# %% [markdown] tags=["fr"]
# Faites glisser $i_1$ de 0 à 2, puis $i_2$. Cherchez :
#
# 1. où le gradient tombe-t-il à zéro, et pourquoi ?
# 2. l'occultation (mettre une entrée à 0, regarder la chute) s'en sort-elle mieux en (1, 1) ?
# 3. quelles méthodes gardent une somme égale à la hausse de $y$ (le signe ✓) ?

# %% [markdown] tags=["en"]
# Drag $i_1$ from 0 to 2, then $i_2$. Find out:
#
# 1. where does the gradient fall to zero, and why?
# 2. does occlusion (set one input to 0, watch the fall) do better at (1, 1)?
# 3. which methods keep a sum equal to the rise of $y$ (the ✓ sign)?

# %%
bet("08.1", "08.bet.gradient", ["08.bet.zero", "08.bet.half", "08.bet.one"])

# %%
net, point = saturating_net(), [[1.0, 1.0]]
answers = {
    "08.name.gradient": saliency(net, point, 0),
    "08.name.gradient_times_input": gradient_times_input(net, point, 0),
    "08.name.occlusion": occlusion(net, point, 0, baseline=0),
    "08.name.lrp": lrp(net, point, 0, rule="epsilon"),
    "08.name.integrated_gradients": integrated_gradients(net, point, 0, baseline=0, steps=100),
    "08.name.deep_lift": deep_lift(net, point, 0, baseline=0),
}
for blind in ("08.name.gradient", "08.name.gradient_times_input", "08.name.occlusion", "08.name.lrp"):
    assert np.allclose(answers[blind].values, 0)
assert np.allclose(answers["08.name.deep_lift"].values, 0.5)
slope = float(answers["08.name.gradient"].values[0, 0])
settle("08.1", [0.0, 0.5, 1.0].index(slope))
Table(
    {
        "08.table.method": list(answers),
        "08.table.of_i1": [abs(found.values[0, 0]) for found in answers.values()],
        "08.table.of_i2": [abs(found.values[0, 1]) for found in answers.values()],
    },
    ["", ".1f", ".1f"],
    caption="08.table.caption_saturation",
)

# %% [markdown] tags=["fr"]
# Le gradient est la pente *en ce point*, et elle est nulle : il attribue 0 aux deux entrées. L'occultation retire une entrée à la fois ; l'autre suffit. Or $y$ vaut bien 1, et 0 sans les deux. DeepLIFT et les gradients intégrés tiennent compte de tout le chemin depuis une référence, ici l'entrée 0 : chaque entrée reçoit la moitié.
#
# LRP attribue 0 aussi : le **biais** de la sortie vaut 1 et reçoit toute la pertinence. On y reviendra.
#
# ## La discontinuité
#
# Deuxième réseau de la diapositive : $y = \mathrm{ReLU}(x - 10)$. Passez lentement par $x = 10$ : le trait plein est la sortie, le trait pointillé ce que la méthode donne à $x$.

# %% [markdown] tags=["en"]
# The gradient is the slope *at this point*, and it is zero: it attributes 0 to both inputs. Occlusion takes away one input at a time; the other is enough. And yet $y$ is 1, and 0 without the two. DeepLIFT and integrated gradients take account of the whole way from a reference, here the input 0: each input gets one half.
#
# LRP attributes 0 as well: the **bias** of the output is 1 and receives all the relevance. We shall come back to it.
#
# ## The discontinuity
#
# The slide's second network: $y = \mathrm{ReLU}(x - 10)$. Pass slowly through $x = 10$: the full line is the output, the dashed one what the method gives $x$.

# %%
ToyNets(net="discontinuity", x=10.1)

# %%
net, places = threshold_net(), np.array([[9.9], [10.0], [10.1], [10.2]])
by_gradient = gradient_times_input(net, places, 0).values[:, 0]
by_difference = deep_lift(net, places, 0, baseline=0).values[:, 0]
Table(
    {"08.table.x": places[:, 0], "08.table.gradient_times_input": by_gradient, "08.table.deep_lift": by_difference},
    [".1f", ".1f", ".1f"],
)

# %%
say(
    "08.jump",
    output=0.1,
    gradient=np.diff(by_gradient)[1],
    difference=np.diff(by_difference)[1],
)

# %% [markdown] tags=["fr"]
# Entre 10 et 10,1, le réseau n'a presque pas bougé. La carte du gradient, elle, saute : c'est l'un des « artefacts » dont parle la diapositive. DeepLIFT suit la sortie.
#
# ## LRP : une pertinence qui se conserve
#
# L'idée de Bach et de ses collègues (2015) tient en une phrase : on part du score, et **chaque neurone rend tout ce qu'il a reçu à ceux qui l'ont fait monter, en proportion de leur contribution**. Couche après couche, jusqu'aux pixels.
#
# Dans le labo, les barres disent ce qui reste du score à chaque couche ; ce qui est hachuré a été gardé en chemin. Cliquez sur le nom d'une couche : la carte à cet endroit.
#
# 1. Cliquez sur la barre du chat, puis du chien : la carte change-t-elle d'animal ?
# 2. Remontez les cartes, de `conv4_2` à l'entrée : à quelle couche voit-on les traits qui comptent ?
# 3. Changez les règles pour « LRP-0 partout » : que devient la carte ? et la somme ?
# 4. Revenez à z+, donnez à `conv1_1` la règle *flat* : que change-t-elle à la carte ? à la somme ?

# %% [markdown] tags=["en"]
# Between 10 and 10.1 the network has hardly moved. The gradient's map jumps: this is one of the “artefacts” that the slide speaks of. DeepLIFT follows the output.
#
# ## LRP: relevance that is conserved
#
# The idea of Bach and colleagues (2015) fits into one sentence: start from the score, and let **each neuron give all that it received back to those that made it rise, in proportion to their contribution**. Layer after layer, down to the pixels.
#
# In the lab, the bars say what is left of the score at each layer; what is hatched was kept on the way. Click on a layer's name: the map there.
#
# 1. Click on the bar of the cat, then of the dog: does the map change animals?
# 2. Climb down the maps, from `conv4_2` to the input: at which layer do you see the features that count?
# 3. Change the rules to “LRP-0 everywhere”: what becomes of the map? And of the sum?
# 4. Go back to z+, give `conv1_1` the *flat* rule: what does it change in the map? In the sum?

# %%
creatures, scene = load_model("creatures"), sample_image("creature-cat-dog")
RelevanceLab(creatures, scene, target="cat")

# %% [markdown] tags=["fr"]
# ### La formule
#
# Un neurone $j$ reçoit $z_j = \sum_i x_i w_{ij} + b_j$. S'il porte la pertinence $R_j$, la règle simple (LRP-0) donne à l'entrée $i$
#
# $$R_i = \sum_j \frac{x_i w_{ij}}{z_j} R_j$$
#
# Quand $z_j$ est presque nul, la fraction explose. La règle **epsilon** l'en éloigne, dans le sens de son signe : $z_j + \varepsilon\,\mathrm{signe}(z_j)$. La règle **z+** ne garde que les contributions positives ; **gamma** les favorise ; **flat** partage à parts égales, sans regarder l'image ; **z-box** tient compte de ce que les pixels ont un minimum et un maximum.
#
# Que reste-t-il du score à chaque couche ? Comptons, pour la classe « chat », avec trois choix de règles :

# %% [markdown] tags=["en"]
# ### The formula
#
# A neuron $j$ receives $z_j = \sum_i x_i w_{ij} + b_j$. If it holds the relevance $R_j$, the plain rule (LRP-0) gives input $i$
#
# $$R_i = \sum_j \frac{x_i w_{ij}}{z_j} R_j$$
#
# Where $z_j$ is nearly zero, the fraction explodes. The **epsilon** rule moves it away, in the direction of its sign: $z_j + \varepsilon\,\mathrm{sign}(z_j)$. The **z+** rule keeps positive contributions alone; **gamma** favours them; **flat** shares out evenly, without looking at the picture; **z-box** knows that pixels have a smallest and a largest value.
#
# What is left of the score at each layer? Let us count, for the class “cat”, with three choices of rules:

# %%
plans = {
    "epsilon_plus": "08.table.epsilon_plus",
    "epsilon_plus_flat": "08.table.epsilon_plus_flat",
    "epsilon_gamma_box": "08.table.epsilon_gamma_box",
}
shared = {plan: relevance_by_layer(creatures, scene, "cat", composite=plan) for plan in plans}
shown = ["input", "conv2_1", "conv3_2", "conv4_1", "conv4_2", "scores"]
# fr: Ce réseau n'a pas d'embranchement : tout passe par chaque couche.
# en: This network has no branch: everything passes through each layer.
for layer, total in shared["epsilon_plus"].totals().items():
    assert np.allclose(total, shared["epsilon_plus"].through[layer], atol=1e-3)
Table(
    {"08.table.layer": shown}
    | {plans[plan]: [found.through[layer][0] for layer in shown] for plan, found in shared.items()},
    ["", ".2f", ".2f", ".2f"],
    caption="08.table.caption_left",
)

# %% [markdown] tags=["fr"]
# La troisième colonne change de signe : est-ce une faute de calcul ? Non. Dans une unité, le biais est une contribution comme une autre, $b_j / z_j$ de la pertinence, et ce qu'il reçoit n'atteint aucun pixel. Ici, les normalisations (*batch normalisation*) sont fondues dans les convolutions et leur donnent de grands biais ; s'ils dépassent $z_j$, les entrées se partagent un nombre **négatif**. Pour le vérifier, il suffit de garder les mêmes règles en laissant les biais de côté. Sur soixante scènes avec un chat et un chien :

# %% [markdown] tags=["en"]
# The third column changes its sign: is this a mistake in the computation? No. In a unit the bias is a contribution like any other, $b_j / z_j$ of the relevance, and what it receives reaches no pixel. Here the batch normalisations are merged into the convolutions and give them large biases; where these exceed $z_j$, the inputs share a **negative** number. To verify it, it is enough to keep the same rules and leave the biases out. On sixty scenes with a cat and a dog:

# %%
scenes = [sample_scene((80, place), ("cat", "dog"), 2, noise=False, occluders=False) for place in range(60)]
drawings = [draw(one, creatures.input_shape[0]) for one in scenes]
pictures = np.array([one.picture for one in drawings])
without_biases = Composite(Epsilon(), Gamma(0.25, bias=False), ZBox(0.0, 1.0))
by_rules = {
    name: lrp(creatures, pictures, "cat", composite=plan)
    for plan, name in [*plans.items(), (without_biases, "08.table.no_bias")]
}
totals = {name: one.values.sum(axis=(1, 2, 3)) for name, one in by_rules.items()}
# fr: delta est la somme moins le score ; la somme moins delta est donc le score.
# en: delta is the sum less the score; so the sum less delta is the score.
arrived = {name: total / (total - by_rules[name].delta) for name, total in totals.items()}
Table(
    {
        "08.table.rules": list(arrived),
        "08.table.arrived": [with_interval(one, ".2f") for one in arrived.values()],
        "08.table.least": [one.min() for one in arrived.values()],
    },
    ["", "", ".2f"],
    caption="08.table.caption_arrived",
)

# %%
claim("08.1", "08.claim.plus", arrived["08.table.epsilon_plus"], at_least=0.95, at_most=1.05)
claim("08.2", "08.claim.gamma", arrived["08.table.epsilon_gamma_box"], at_most=0.5)
claim("08.3", "08.claim.no_bias", np.abs(arrived["08.table.no_bias"] - 1) < 0.1, at_least=0.5)

# %% [markdown] tags=["fr"]
# « La valeur de pertinence totale est conservée », dit la diapositive. C'est vrai si les règles laissent les biais de côté, comme z+ (le petit saut, tout en haut, est le biais de la couche dense, qui suit epsilon), et cela peut être très faux sinon. Même sans les biais, le total s'écarte du score dans quelques scènes (dernière ligne, la plus petite valeur) : là où des contributions de signes contraires se compensent presque, on divise par un nombre voisin de zéro. Bach et ses collègues (2015) comptent d'ailleurs la part des biais dans le total.
#
# Une somme conservée ne dit pas où se trouve la pertinence. Sur les mêmes scènes, quelle part de la pertinence positive tombe sur le chat, et quelle part sur le chien ?

# %% [markdown] tags=["en"]
# “The total relevance is conserved”, says the slide. That is true if the rules leave the biases out, as z+ does (the small step at the very top is the bias of the dense layer, which follows epsilon), and may be quite false otherwise. Even without the biases the total departs from the score in a few scenes (last row, the smallest value): where contributions of opposite signs nearly cancel, one divides by a number near zero. Bach and colleagues (2015) count the share of the biases in the total, by the way.
#
# A sum that is conserved does not tell where the relevance lies. On the same scenes, which share of the positive relevance falls on the cat, and which on the dog?

# %%
masks = {label: np.array([one.animals[one.labels.index(label)] for one in drawings]) for label in ("cat", "dog")}
maps = {
    "08.name.gradient_times_input": gradient_times_input(creatures, pictures, "cat"),
    "08.table.epsilon_plus": by_rules["08.table.epsilon_plus"],
    "08.table.epsilon_gamma_box": by_rules["08.table.epsilon_gamma_box"],
    "08.name.deep_lift": deep_lift(creatures, pictures, "cat", baseline="blurred"),
}
inside = {
    label: {name: relevance_mass(one.heatmap("sum"), mask).values for name, one in maps.items()}
    for label, mask in masks.items()
}
Table(
    {
        "08.table.method": list(maps),
        "08.table.on_cat": [with_interval(one, ".0%") for one in inside["cat"].values()],
        "08.table.on_dog": [with_interval(one, ".0%") for one in inside["dog"].values()],
    },
    caption="08.table.caption_mass",
)

# %%
claim("08.4", "08.claim.cat", inside["cat"]["08.table.epsilon_plus"], at_least=0.5, chance=masks["cat"].mean())
claim("08.5", "08.claim.dog", inside["dog"]["08.table.epsilon_plus"], at_most=0.05, chance=masks["dog"].mean())
claim(
    "08.6",
    "08.claim.gradient",
    inside["dog"]["08.name.gradient_times_input"],
    at_least=0.05,
    chance=masks["dog"].mean(),
)

# %% [markdown] tags=["fr"]
# La carte qui met le plus de pertinence sur le chat est celle dont la somme n'est **pas** conservée : une somme juste et une carte bien placée sont deux propriétés distinctes, à mesurer toutes les deux.

# %% [markdown] tags=["en"]
# The map that puts most relevance on the cat is the one whose sum is **not** conserved: a right sum and a well placed map are two distinct properties, both to be measured.

# %%
AttributionExplorer(creatures, scene, methods=("gradient_times_input", "lrp", "deep_lift"), target="cat")

# %% [markdown] tags=["fr"]
# ### Exercice 1 : LRP à la main
#
# Un petit réseau : $h = \mathrm{ReLU}(x\,w + b)$, score $= h \cdot v$. Écrivez `my_lrp(x, w, b, v, epsilon)`, qui donne la pertinence de chaque entrée, les deux couches suivant la règle epsilon. `x` a la forme (F,), `w` (F, H), `b` et `v` (H,). La couche de sortie n'a pas de biais. La ReLU laisse passer la pertinence telle quelle.

# %% [markdown] tags=["en"]
# ### Exercise 1: LRP by hand
#
# A small network: $h = \mathrm{ReLU}(x\,w + b)$, score $= h \cdot v$. Write `my_lrp(x, w, b, v, epsilon)`, which gives the relevance of each input, both layers following the epsilon rule. `x` has the shape (F,), `w` (F, H), `b` and `v` (H,). The output layer has no bias. The ReLU hands relevance on as it is.


# %% exercise="08.epsilon_lrp"
def my_lrp(x, w, b, v, epsilon):
    ### BEGIN SOLUTION
    # fr: Le signe de zéro compte pour +1 ; epsilon éloigne de zéro des deux côtés.
    # en: The sign of zero counts as +1; epsilon moves away from zero on both sides.
    def away(z):
        return z + epsilon * np.where(z >= 0, 1.0, -1.0)

    z = x @ w + b
    parts = np.maximum(z, 0) * v
    score = parts.sum()
    hidden = parts / away(score) * score
    return x * (w @ (hidden / away(z)))
    ### END SOLUTION


# %% check="08.epsilon_lrp" points=3
exercise("08.epsilon_lrp").check(my_lrp)

# %%
rng = np.random.default_rng(8)
x, w, b, v = rng.normal(size=4), rng.normal(size=(4, 5)), rng.normal(size=5), rng.normal(size=5)
layers = [keras.layers.Dense(5, "relu"), keras.layers.Dense(1, use_bias=False)]
small = keras.Sequential([keras.Input((4,)), *layers])
small.set_weights([w, b, v[:, np.newaxis]])

if exercise("08.epsilon_lrp").passed:
    library = lrp(small, x[np.newaxis], 0, rule="epsilon", stabilizer=0.1).values[0]
    assert np.allclose(my_lrp(x, w, b, v, 0.1), library, atol=1e-4)
    say("08.same_lrp")
else:
    say("08.lrp_first")

# %% [markdown] tags=["fr"]
# **Question.** Que devient votre formule quand $\varepsilon = 0$ ? Les $z_j$ se simplifient : il reste $x_i$ fois le gradient. Sur un réseau de ReLU, LRP-0 **est** gradient × entrée (Ancona et ses collègues, 2018). Vérifions-le sur les créatures : ce sont bien les autres règles qui font la différence.

# %% [markdown] tags=["en"]
# **Question.** What becomes of your formula when $\varepsilon = 0$? The $z_j$ cancel: what is left is $x_i$ times the gradient. On a network of ReLUs, LRP-0 **is** gradient × input (Ancona and colleagues, 2018). Let us check it on the creatures: it is indeed the other rules that make the difference.

# %%
plain = lrp(creatures, scene, "cat", rule="zero").values
product = gradient_times_input(creatures, scene, "cat").values
by_plus = lrp(creatures, scene, "cat", composite="epsilon_plus").values
correlations = {
    "08.table.zero": np.corrcoef(plain.ravel(), product.ravel())[0, 1],
    "08.table.epsilon_plus": np.corrcoef(by_plus.ravel(), product.ravel())[0, 1],
}
assert correlations["08.table.zero"] > 0.99
Table({"08.table.rules": list(correlations), "08.table.correlation": list(correlations.values())}, ["", ".1f"])

# %% [markdown] tags=["fr"]
# ## DeepLIFT : expliquer une différence
#
# Shrikumar, Greenside et Kundaje (2017) changent la question : non pas « pourquoi ce score ? » mais « pourquoi ce score **plutôt que celui d'une référence** ? ». On fait passer les deux entrées, $x$ et $x^0$, et on note pour chaque neurone sa différence $\Delta$. À travers une ReLU, la règle *rescale* remplace la pente par un rapport, qui ne saute pas et ne sature pas :
#
# $$m = \frac{\Delta h}{\Delta z}, \qquad C_i = m_i \, \Delta x_i, \qquad \sum_i C_i = \Delta\,\text{score}$$
#
# Les multiplicateurs $m$ se composent comme des dérivées, de la sortie vers l'entrée.
#
# ### Exercice 2 : le multiplicateur de DeepLIFT
#
# Même petit réseau. Écrivez `my_deep_lift(x, base, w, b, v)` : les contributions $C_i$, de forme (F,). Attention au neurone dont l'entrée ne change pas : là, le rapport n'existe pas, prenez la pente.

# %% [markdown] tags=["en"]
# ## DeepLIFT: explaining a difference
#
# Shrikumar, Greenside and Kundaje (2017) change the question: not “why this score?” but “why this score **rather than that of a reference**?” Both inputs, $x$ and $x^0$, are run, and the difference $\Delta$ of every neuron is noted. Through a ReLU, the *rescale* rule replaces the slope by a ratio, which neither jumps nor saturates:
#
# $$m = \frac{\Delta h}{\Delta z}, \qquad C_i = m_i \, \Delta x_i, \qquad \sum_i C_i = \Delta\,\text{score}$$
#
# The multipliers $m$ are chained like derivatives, from the output to the input.
#
# ### Exercise 2: DeepLIFT's multiplier
#
# The same small network. Write `my_deep_lift(x, base, w, b, v)`: the contributions $C_i$, of shape (F,). Mind the neuron whose input does not change: the ratio does not exist there, take the slope.


# %% exercise="08.rescale"
def my_deep_lift(x, base, w, b, v):
    ### BEGIN SOLUTION
    before, after = base @ w + b, x @ w + b
    change = after - before
    still = np.abs(change) < 1e-9
    # fr: Pas de division par zéro : là où rien ne change, la pente.
    # en: No division by zero: where nothing changes, the slope.
    ratio = (np.maximum(after, 0) - np.maximum(before, 0)) / np.where(still, 1.0, change)
    multiplier = np.where(still, after > 0, ratio)
    return (x - base) * (w @ (multiplier * v))
    ### END SOLUTION


# %% check="08.rescale" points=3
exercise("08.rescale").check(my_deep_lift)

# %%
base = rng.normal(size=4)
if exercise("08.rescale").passed:
    library = deep_lift(small, x[np.newaxis], 0, baseline=base[np.newaxis]).values[0]
    mine = my_deep_lift(x, base, w, b, v)
    assert np.allclose(mine, library, atol=1e-4)
    rise = np.maximum(x @ w + b, 0) @ v - np.maximum(base @ w + b, 0) @ v
    assert np.isclose(mine.sum(), rise)
    say("08.same_deep_lift", total=mine.sum(), rise=rise)
else:
    say("08.rescale_first")

# %% [markdown] tags=["fr"]
# ### RevealCancel : quand deux entrées se compensent
#
# La règle *rescale* a un défaut, que l'article de DeepLIFT corrige par une seconde règle. Prenons $y = \min(i_1, i_2) = i_1 - \mathrm{ReLU}(i_1 - i_2)$, en (3, 1), depuis 0. Dans la ReLU, $i_1$ pousse vers le haut et $i_2$ vers le bas ; *rescale* ne voit que leur somme. *RevealCancel* suit séparément ce qui pousse vers le haut et ce qui pousse vers le bas, et prend la moyenne des deux ordres dans lesquels on peut les ajouter (une valeur de Shapley à deux joueurs).

# %% [markdown] tags=["en"]
# ### RevealCancel: when two inputs compensate
#
# The *rescale* rule has a flaw, which the DeepLIFT paper mends by a second rule. Take $y = \min(i_1, i_2) = i_1 - \mathrm{ReLU}(i_1 - i_2)$ at (3, 1), from 0. In the ReLU, $i_1$ pushes up and $i_2$ pushes down; *rescale* sees their sum alone. *RevealCancel* follows what pushes up and what pushes down separately, and takes the mean of the two orders in which they can be added (a Shapley value of two players).

# %%
least = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "relu"), keras.layers.Dense(1, use_bias=False)])
least.set_weights([np.array([[1.0, 1.0], [0.0, -1.0]]), np.zeros(2), np.array([[1.0], [-1.0]])])
by_rule = {
    rule: deep_lift(least, [[3.0, 1.0]], 0, baseline=0, rule=rule).values[0] for rule in ("rescale", "reveal_cancel")
}
Table(
    {
        "08.table.rules": list(by_rule),
        "08.table.of_i1": [one[0] for one in by_rule.values()],
        "08.table.of_i2": [one[1] for one in by_rule.values()],
    },
    ["", ".1f", ".1f"],
    caption="08.table.caption_reveal",
)

# %%
claim("08.7", "08.claim.rescale", by_rule["rescale"][0], at_least=-0.01, at_most=0.01)
claim("08.8", "08.claim.reveal", by_rule["reveal_cancel"][0], at_least=0.49, at_most=0.51)

# %% [markdown] tags=["fr"]
# Les deux sommes sont exactes, $y = 1$ ; mais *rescale* n'attribue rien à $i_1$, alors que $y$ tombe à 0 si on l'enlève. RevealCancel demande plus de calcul, et les deux règles donnent le même résultat là où rien ne se compense.
#
# ## L'image de référence
#
# « Les gradients n'utilisent pas de référence », dit la diapositive. DeepLIFT en demande une, comme les gradients intégrés du notebook 06 : laquelle ? Sur un chiffre, le noir est l'absence d'encre. Mais on peut aussi demander : pourquoi un 3 **plutôt qu'un 8** ? La référence est alors un 8, et le score la marge entre les deux.

# %% [markdown] tags=["en"]
# Both sums are exact, $y = 1$; but *rescale* attributes nothing to $i_1$, although $y$ falls to 0 if it is taken away. RevealCancel takes more computing, and both rules give the same result where nothing compensates.
#
# ## The reference picture
#
# “Gradients use no reference”, says the slide. DeepLIFT asks for one, as the integrated gradients of notebook 06 did under the name of baseline: which? On a digit, black is the absence of ink. But one may also ask: why a 3 **rather than an 8**? The reference is then an 8, and the score the margin between the two.

# %%
digits, three, eight = load_model("digits"), sample_image("digit-3"), sample_image("digit-8")
deep_lift(digits, three, "3", baseline=0)


# %%
def margin(outputs):
    return outputs[:, 3] - outputs[:, 8]


against_eight = deep_lift(digits, three, margin, baseline=digits.preprocess(eight))
against_eight

# %%
references = {"08.name.black": 0.0, "08.name.white": 1.0, "08.name.grey": 0.5, "08.name.blurred": "blurred"}
found = [deep_lift(digits, three, "3", baseline=one) for one in references.values()]
# fr: Chacune est complète : sa somme est la hausse depuis sa propre référence.
# en: Each is complete: its sum is the rise from its own reference.
for one in found:
    assert abs(one.delta[0]) < 1e-3
Table(
    {
        "08.table.reference": list(references),
        "08.table.rise": [one.values.sum() for one in found],
        "08.table.like_black": [np.corrcoef(one.values.ravel(), found[0].values.ravel())[0, 1] for one in found],
    },
    ["", ".1f", ".1f"],
    caption="08.table.caption_reference",
)

# %% [markdown] tags=["fr"]
# Même réseau, même image, même méthode, et chaque fois une somme exacte : celle d'une autre question. Une explication par DeepLIFT (ou par les gradients intégrés) ne se lit jamais sans sa référence. Un pixel qui a la couleur de la référence ne reçoit **rien** : sur fond noir, le noir ne peut pas compter.
#
# ### Exercice 3 : la référence décide
#
# Revenons au réseau qui sature, $y = 1 - \mathrm{ReLU}(1 - i_1 - i_2)$, au point (1, 1). Depuis 0, DeepLIFT donne autant aux deux entrées. Trouvez une référence, entre 0 et 1, depuis laquelle $i_1$ reçoit **trois fois** ce que reçoit $i_2$.

# %% [markdown] tags=["en"]
# The same network, the same picture, the same method, and each time an exact sum: that of another question. An explanation by DeepLIFT (or by integrated gradients) is never to be read without its reference. A pixel that has the colour of the reference gets **nothing**: on black, black cannot count.
#
# ### Exercise 3: the reference decides
#
# Back to the network that saturates, $y = 1 - \mathrm{ReLU}(1 - i_1 - i_2)$, at the point (1, 1). From 0, DeepLIFT gives both inputs as much. Find a reference, between 0 and 1, from which $i_1$ gets **three times** what $i_2$ gets.


# %% exercise="08.reference"
def my_reference():
    ### BEGIN SOLUTION
    # fr: Les deux entrées ont le même multiplicateur, donc des parts comme leurs différences : 0,9 et 0,3.
    # en: Both inputs have the same multiplier, so shares like their differences: 0.9 and 0.3.
    return 0.1, 0.7
    ### END SOLUTION


# %% check="08.reference" points=2
exercise("08.reference").check(my_reference)

# %%
if exercise("08.reference").passed:
    base = np.array([my_reference()], "float32")
    parts = deep_lift(saturating_net(), [[1.0, 1.0]], 0, baseline=base).values[0]
    assert np.isclose(parts[0], 3 * parts[1], rtol=0.05)
    say("08.thrice", ratio=parts[0] / parts[1])
else:
    say("08.reference_first")

# %%
calibration()

# %% [markdown] tags=["fr"]
# ## Ce qu'il faut retenir
#
# - Le gradient dit la pente ici ; il est nul où le réseau sature, et saute où une ReLU s'ouvre.
# - LRP partage le score couche par couche. Avec z+, le total est conservé (08.1) ; avec gamma, il l'est presque toujours si l'on laisse les biais de côté (08.3) ; sinon, les biais peuvent en recevoir la plus grande part (08.2).
# - LRP-0 sur des ReLU est gradient × entrée ; avec z+ ou gamma, une plus grande part de la pertinence tombe sur l'animal de la classe expliquée (08.4), presque rien sur l'autre (08.5).
# - Une somme conservée ne dit pas que la carte est bien placée : mesurez les deux.
# - DeepLIFT explique une différence : donnez toujours la référence. Si des entrées se compensent, RevealCancel et rescale diffèrent (08.7, 08.8).
#
# ### Sources
#
# - Sebastian Bach, Alexander Binder, Grégoire Montavon, Frederick Klauschen, Klaus-Robert Müller, Wojciech Samek, *On Pixel-Wise Explanations for Non-Linear Classifier Decisions by Layer-Wise Relevance Propagation*, 2015.
# - Avanti Shrikumar, Peyton Greenside, Anshul Kundaje, *Learning Important Features Through Propagating Activation Differences*, 2017.
# - Marco Ancona, Enea Ceolini, Cengiz Öztireli, Markus Gross, *Towards better understanding of gradient-based attribution methods for deep neural networks*, 2018.
# - Grégoire Montavon, Alexander Binder, Sebastian Lapuschkin, Wojciech Samek, Klaus-Robert Müller, *Layer-Wise Relevance Propagation: An Overview*, 2019.

# %% [markdown] tags=["en"]
# ## What to remember
#
# - The gradient tells the slope here; it is zero where the network saturates, and jumps where a ReLU opens.
# - LRP shares the score out layer by layer. With z+ the total is conserved (08.1); with gamma it nearly always is if the biases are left out (08.3); otherwise the biases may receive most of it (08.2).
# - LRP-0 on ReLUs is gradient × input; with z+ or gamma a larger share of the relevance falls on the animal of the explained class (08.4), next to nothing on the other one (08.5).
# - A sum that is conserved does not tell that the map is well placed: measure both.
# - DeepLIFT explains a difference: always give the reference. If inputs compensate, RevealCancel and rescale differ (08.7, 08.8).
#
# ### Sources
#
# - Sebastian Bach, Alexander Binder, Grégoire Montavon, Frederick Klauschen, Klaus-Robert Müller, Wojciech Samek, *On Pixel-Wise Explanations for Non-Linear Classifier Decisions by Layer-Wise Relevance Propagation*, 2015.
# - Avanti Shrikumar, Peyton Greenside, Anshul Kundaje, *Learning Important Features Through Propagating Activation Differences*, 2017.
# - Marco Ancona, Enea Ceolini, Cengiz Öztireli, Markus Gross, *Towards better understanding of gradient-based attribution methods for deep neural networks*, 2018.
# - Grégoire Montavon, Alexander Binder, Sebastian Lapuschkin, Wojciech Samek, Klaus-Robert Müller, *Layer-Wise Relevance Propagation: An Overview*, 2019.
