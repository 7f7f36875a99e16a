# ---
# jupyter:
#   course:
#     title:
#       fr: "Exemples contradictoires : un réseau change d'avis"
#       en: "Adversarial examples: a network changes its mind"
#     minutes: 75
#     before: [00_start]
#     part: begin
#     level: 2
#     slides:
#       fr: "exemples contradictoires, FGSM"
#       en: "adversarial examples, FGSM"
# ---

# %% [markdown] tags=["fr"]
# Un réseau lit un chiffre sans hésiter. On retouche chaque pixel de très peu, et il en lit un autre, sans hésiter davantage. Pour vous, c'est toujours le même.
#
# À la fin de ce notebook, vous saurez fabriquer de telles images, dire pourquoi elles existent, mesurer combien un réseau leur résiste, et lui apprendre à mieux résister. Et vous aurez une raison de plus de demander à un réseau *pourquoi* il a répondu.

# %% [markdown] tags=["en"]
# A network reads a digit without hesitation. You touch every pixel, ever so slightly, and it reads another one, with no more hesitation. To you, it is still the same digit.
#
# By the end of this notebook you will be able to make such pictures, say why they exist, measure how well a network resists them, and teach it to resist better. And you will have one more reason to ask a network *why* it gave its answer.

# %% [markdown] tags=["fr"]
# ## Ce que montre la diapositive
#
# Voici notre réseau de chiffres et un chiffre qu'il n'a jamais vu.

# %% [markdown] tags=["en"]
# ## What the slide shows
#
# Here are our digits network and a digit it has never seen.

# %%
import numpy as np
from IPython.display import display

from xai_widgets import AdversarialLab, explain, load_model, sample_image
from xai_widgets.course import (
    Table,
    bet,
    calibration,
    claim,
    compare_curves,
    exercise,
    loss,
    loss_gradient,
    say,
    settle,
)
from xai_widgets.datasets.pictures.samples import digits_split
from xai_widgets.methods import fgsm, map_similarity, minimal_epsilon, pgd, robustness_curve, saliency

digits = load_model("digits")
three = sample_image("digit-3")
digits.predict(three)

# %% [markdown] tags=["fr"]
# **Pariez avant de continuer.** On autorise chaque pixel à bouger d'au plus 15 % de l'écart entre le noir et le blanc. Que va lire le réseau ? Un chiffre qui ressemble au 3 ? N'importe lequel ? Et avec quelle assurance ?

# %% [markdown] tags=["en"]
# **Place your bet before you go on.** Every pixel may move by at most 15% of the way from black to white. What will the network read? A digit that looks like a 3? Any digit? And how sure will it be?

# %%
attack = fgsm(digits, three, target="3", epsilon=0.15)
attack

# %%
before, after = attack.before.top(1)[0][0], attack.after.top(1)[0][0]
say("03.changed_mind", was=before.label, was_sure=before.probability, now=after.label, now_sure=after.probability)

# %% [markdown] tags=["fr"]
# Trois images, de gauche à droite : le chiffre, ce qu'on lui ajoute (agrandi autour du gris : plus clair, le pixel monte ; plus sombre, il descend), et leur somme. C'est exactement la figure de la diapositive, que voici en toutes lettres :
#
# > « panda », 57,7 % de confiance<br>
# > \+ 0,007 × signe de $\nabla_x J(\theta, x, y)$, qui seul est lu « nématode », 8,2 % de confiance<br>
# > = « gibbon », 99,3 % de confiance
#
# Le panda est celui de Goodfellow, Shlens et Szegedy (2014) ; le phénomène avait été découvert un an plus tôt par Szegedy et ses collègues (2013), sous le titre « Propriétés intrigantes des réseaux de neurones ». Remarquez deux choses dans la figure ci-dessus. La perturbation n'a pas l'air d'un chiffre. Et elle n'est pas du bruit non plus : elle a été calculée pour ce réseau et pour cette image.

# %% [markdown] tags=["en"]
# Three pictures, from left to right: the digit, what is added to it (magnified around grey: where it is lighter the pixel goes up, where darker it goes down), and their sum. This is the very figure of the slide, which reads:
#
# > “panda”, 57.7% confidence<br>
# > \+ 0.007 × sign of $\nabla_x J(\theta, x, y)$, which on its own is read as “nematode”, 8.2% confidence<br>
# > = “gibbon”, 99.3% confidence
#
# The panda is that of Goodfellow, Shlens and Szegedy (2014); the phenomenon had been discovered a year earlier by Szegedy and colleagues (2013), under the title “Intriguing properties of neural networks”. Notice two things in the figure above. The perturbation does not look like a digit. And it is not noise either: it was computed for this network and this picture.

# %% [markdown] tags=["fr"]
# ## À vous de jouer
#
# Faites glisser ε dans le labo. L'image suit votre main ; les barres disent ce que lit le réseau. Cherchez :
#
# 1. à partir de quel ε le réseau change-t-il d'avis ? Et vous ?
# 2. la nouvelle réponse reste-t-elle la même quand ε grandit encore ?
# 3. cliquez sur la barre d'une autre classe, que le labo fait alors baisser : que se passe-t-il ?
# 4. passez à l'attaque en plusieurs pas (PGD) : un ε plus petit suffit-il ?
# 5. cochez la saillance : l'explication change-t-elle avant la réponse, ou après ?

# %% [markdown] tags=["en"]
# ## Your turn to play
#
# Drag ε in the lab. The picture follows your hand; the bars say what the network reads. Find out:
#
# 1. from which ε on does the network change its mind? When do you?
# 2. does the new answer stay the same as ε goes on growing?
# 3. click on the bar of another class, which the lab then lowers: what happens?
# 4. switch to the attack in several steps (PGD): is a smaller ε enough?
# 5. tick the saliency: does the explanation change before the answer does, or after?

# %%
lab = AdversarialLab(digits, "digit-3", epsilon=0.05)
lab

# %% [markdown] tags=["fr"]
# ### Et sur une photographie ?
#
# Huit pixels sur huit, c'est peu. Voici un chat de 128 pixels sur 128, et un réseau qui reconnaît onze choses sur des photographies. **Pariez encore :** un écran a 255 degrés entre le noir et le blanc. De combien de degrés faut-il bouger chaque pixel pour que le chat devienne autre chose ?

# %% [markdown] tags=["en"]
# ### And on a photograph?
#
# Eight pixels by eight is not much. Here is a cat of 128 pixels by 128, and a network that knows eleven things in photographs. **Bet again:** a screen has 255 degrees from black to white. By how many degrees must every pixel move before the cat becomes something else?

# %%
bet("03.1", "03.bet.levels", ["03.bet.below_1", "03.bet.1_to_5", "03.bet.5_to_20", "03.bet.above_20"])

# %%
photos, cat = load_model("photos"), sample_image("cat")
enough = minimal_epsilon(photos, cat, "cat").epsilon[0]
golf = pgd(photos, cat, target="golf ball", targeted=True, epsilon=2 / 255, steps=10, seed=0)
golf

# %%
ball = next(score for score in golf.after.top(11)[0] if score.label == "golf ball")
say("03.photograph", degrees=255 * enough, sure=ball.probability)
settle("03.1", np.searchsorted([1, 5, 20], 255 * enough))

# %% [markdown] tags=["fr"]
# On ne voit vraiment rien, et c'est ce qui trouble. Essayez : quelle classe est la plus facile à faire dire au réseau ? Avec une connexion, `load_model("mobilenet_v2")` télécharge une fois pour toutes un réseau qui connaît mille classes (14 Mo) ; vous pouvez aussi donner le chemin d'un fichier `.keras` à vous, et votre propre image avec `load_image("ma_photo.jpg")`.

# %% [markdown] tags=["en"]
# To the eye, nothing has changed. Try it: which class is the easiest to make the network say? When you are online, `load_model("mobilenet_v2")` downloads, once and for all, a network that knows a thousand classes (14 MB); you may also give the path of a `.keras` file of yours, and a picture of your own with `load_image("my_photo.jpg")`.

# %%
photo_lab = AdversarialLab(photos, "cat", epsilon=0.008)
photo_lab

# %% [markdown] tags=["fr"]
# ## La formule
#
# Maintenant qu'on a vu, écrivons. Le réseau, de poids $\theta$, donne à l'image $x$ une probabilité $p(y \mid x)$ pour sa vraie classe $y$. La perte mesure sa surprise :
#
# $$J(\theta, x, y) = -\log p(y \mid x)$$
#
# Pendant l'**entraînement**, on garde $x$ et on change $\theta$ pour faire baisser $J$. Pendant l'**attaque**, on garde $\theta$ et on change $x$ pour la faire monter. Le même gradient, pris de l'autre côté.
#
# Pourquoi le signe ? Un petit changement $\delta$ ajoute à la perte environ $\delta \cdot \nabla_x J = \sum_i \delta_i \, \partial J / \partial x_i$. Si chaque pixel a le droit de bouger d'au plus $\varepsilon$, la somme est la plus grande quand chacun va à fond dans le sens qui l'arrange :
#
# $$\delta = \varepsilon \, \mathrm{sign}\big(\nabla_x J(\theta, x, y)\big), \qquad \delta \cdot \nabla_x J = \varepsilon \sum_i \left|\frac{\partial J}{\partial x_i}\right|$$
#
# C'est la *fast gradient sign method*, FGSM : un seul gradient, un seul pas.

# %% [markdown] tags=["en"]
# ## The formula
#
# Now that we have seen it, let us write it. The network, with weights $\theta$, gives the picture $x$ a probability $p(y \mid x)$ for its true class $y$. The loss measures its surprise:
#
# $$J(\theta, x, y) = -\log p(y \mid x)$$
#
# In **training**, $x$ is kept and $\theta$ is changed so that $J$ falls. In the **attack**, $\theta$ is kept and $x$ is changed so that it rises. The same gradient, taken on the other side.
#
# Why the sign? A small change $\delta$ adds about $\delta \cdot \nabla_x J = \sum_i \delta_i \, \partial J / \partial x_i$ to the loss. If every pixel may move by $\varepsilon$ at most, the sum is largest when each one goes all the way in the direction that suits it:
#
# $$\delta = \varepsilon \, \mathrm{sign}\big(\nabla_x J(\theta, x, y)\big), \qquad \delta \cdot \nabla_x J = \varepsilon \sum_i \left|\frac{\partial J}{\partial x_i}\right|$$
#
# This is the *fast gradient sign method*, FGSM: one gradient, one step.

# %% [markdown] tags=["fr"]
# ### Exercice 1 : écrivez FGSM
#
# `loss_gradient(classifier, x, label)` donne $\nabla_x J$, de même forme que `x`. Les images ont des valeurs de 0 (noir) à 1 (blanc), et doivent le rester. Complétez :

# %% [markdown] tags=["en"]
# ### Exercise 1: write FGSM
#
# `loss_gradient(classifier, x, label)` gives $\nabla_x J$, shaped like `x`. Pictures have values from 0 (black) to 1 (white), and must keep them in that range. Complete:


# %% exercise="03.fgsm"
def my_fgsm(classifier, x, label, epsilon):
    ### BEGIN SOLUTION
    # fr: Monter la perte, du même pas pour tous les pixels, puis rester une image.
    # en: Go up the loss, by the same step for every pixel, then stay a picture.
    step = epsilon * np.sign(loss_gradient(classifier, x, label))
    return np.clip(x + step, 0, 1)
    ### END SOLUTION


# %% check="03.fgsm" points=3
exercise("03.fgsm").check(my_fgsm)

# %% [markdown] tags=["fr"]
# Votre fonction et celle de la bibliothèque disent-elles la même chose, pixel par pixel ?

# %% [markdown] tags=["en"]
# Do your function and the library's agree, pixel by pixel?

# %%
if exercise("03.fgsm").passed:
    mine = my_fgsm(digits, digits.preprocess(three), 3, 0.15)
    say("03.same_as_library", difference=np.abs(mine - attack.adversarial).max())
else:
    say("03.fgsm_first")

# %% [markdown] tags=["fr"]
# ## Pourquoi cela marche : l'explication linéaire
#
# On a d'abord cru que les exemples adverses existent parce que les réseaux sont trop non linéaires. Goodfellow, Shlens et Szegedy (2014) ont proposé le contraire : parce qu'ils sont **trop linéaires**. Prenons donc un modèle linéaire, qui distingue les 3 des 8 : la marge $w \cdot x + b$ est positive pour un 3, négative pour un 8. En ajoutant $\delta = -\varepsilon \, \mathrm{sign}(w)$, la marge d'un 3 devient
#
# $$w \cdot (x + \delta) + b = w \cdot x + b - \varepsilon \sum_i |w_i|$$
#
# **Question.** De combien la marge baisse-t-elle si l'on ajoute plutôt du bruit, $\pm\varepsilon$ au hasard sur chaque pixel ?

# %% [markdown] tags=["en"]
# ## Why it works: the linear explanation
#
# At first it was thought that adversarial examples exist because networks are too non-linear. Goodfellow, Shlens and Szegedy (2014) suggested the contrary: because they are **too linear**. So let us take a linear model, which tells 3 from 8: the margin $w \cdot x + b$ is positive for a 3, negative for an 8. With $\delta = -\varepsilon \, \mathrm{sign}(w)$ added, the margin of a 3 becomes
#
# $$w \cdot (x + \delta) + b = w \cdot x + b - \varepsilon \sum_i |w_i|$$
#
# **Question.** By how much does the margin fall if you add noise instead, $\pm\varepsilon$ at random on each pixel?

# %%
from sklearn.linear_model import LogisticRegression

x_train, y_train = digits_split("train")
x_test, y_test = digits_split("test")


def threes_and_eights(x, labels):
    chosen = np.isin(labels, (3, 8))
    return x[chosen].reshape(-1, 64).astype("float64"), labels[chosen] == 3


linear = LogisticRegression().fit(*threes_and_eights(x_train, y_train))
w = linear.coef_[0]
flat, is_three = threes_and_eights(x_test, y_test)
some_threes = flat[is_three]

epsilon = 0.1
rng = np.random.default_rng(0)
margins = linear.decision_function(some_threes)
attacked = linear.decision_function(some_threes - epsilon * np.sign(w))
noisy = linear.decision_function(some_threes + epsilon * rng.choice([-1, 1], some_threes.shape))

np.testing.assert_allclose(margins - attacked, epsilon * np.abs(w).sum())
say(
    "03.linear",
    margin=np.mean(margins),
    predicted=epsilon * np.abs(w).sum(),
    measured=np.mean(margins - attacked),
    noise=np.mean(np.abs(margins - noisy)),
)

# %% [markdown] tags=["fr"]
# La baisse mesurée est la baisse prédite, exactement, pour chaque 3. Les contributions du bruit, de signes différents, se compensent en partie.
#
# Avec $n$ pixels et des poids de même taille, la baisse due à l'attaque grandit comme $n$, celle due au bruit seulement comme $\sqrt{n}$. Vérifions, avec des poids tirés au hasard :

# %% [markdown] tags=["en"]
# The measured fall is the predicted one, exactly, for every 3. The contributions of the noise, of different signs, partly cancel out.
#
# With $n$ pixels and weights of the same size, the fall caused by the attack grows like $n$, that caused by noise only like $\sqrt{n}$. Let us check, with weights drawn at random:

# %%
sides = [8, 32, 128, 224]
by_attack, by_noise = [], []
for side in sides:
    weights = rng.normal(size=3 * side**2)
    moves = [0.007 * rng.choice([-1.0, 1.0], weights.size) @ weights for _ in range(200)]
    by_attack.append(0.007 * np.abs(weights).sum())
    by_noise.append(np.mean(np.abs(moves)))

Table(
    {
        "table.side": [f"{side} × {side}" for side in sides],
        "table.by_attack": by_attack,
        "table.by_noise": by_noise,
        "table.ratio": np.divide(by_attack, by_noise),
    },
    ["", ".1f", ".2f", ".0f"],
)

# %% [markdown] tags=["fr"]
# L'écart entre l'attaque et le bruit grandit donc avec la dimension. En déduire que l'ε suffisant diminue serait une erreur : il faut aussi regarder la **marge**, ce qu'il y a à franchir (Tanay et Griffin, 2016). Agrandissons les chiffres, chaque pixel devenant un carré de pixels égaux, entraînons de nouveau le modèle linéaire, et calculons le plus petit ε de chaque 3 : sa marge divisée par $\sum_i |w_i|$.

# %% [markdown] tags=["en"]
# So the gap between the attack and noise grows with the dimension. To infer that the sufficient ε gets smaller would be a mistake: one must look at the **margin** too, at what has to be crossed (Tanay and Griffin, 2016). Let us enlarge the digits, each pixel becoming a square of equal pixels, train the linear model again, and compute the smallest ε of each 3: its margin divided by $\sum_i |w_i|$.

# %%
factors = [1, 2, 4, 8]
enlarged = []
for factor in factors:
    train, test = (one.repeat(factor, axis=1).repeat(factor, axis=2) for one in (x_train, x_test))
    chosen = [np.isin(digit, (3, 8)) for digit in (y_train, y_test)]
    model = LogisticRegression(max_iter=2000).fit(
        train[chosen[0]].reshape(chosen[0].sum(), -1), y_train[chosen[0]] == 3
    )
    threes = test[y_test == 3].reshape(np.sum(y_test == 3), -1)
    size = np.abs(model.coef_).sum()
    signs = rng.choice([-1.0, 1.0], (200, threes.shape[1]))
    enlarged.append((model.decision_function(threes), 0.1 * size, np.mean(np.abs(0.1 * signs @ model.coef_[0]))))
Table(
    {
        "table.side": [f"{8 * factor} × {8 * factor}" for factor in factors],
        "table.ratio": [by_sign / by_chance for _, by_sign, by_chance in enlarged],
        "03.table.margin": [margin.mean() for margin, _, _ in enlarged],
        "table.by_attack": [by_sign for _, by_sign, _ in enlarged],
        "03.table.enough": [np.mean(0.1 * margin / by_sign) for margin, by_sign, _ in enlarged],
    },
    ["", ".0f", ".1f", ".1f", ".3f"],
    caption="03.table.margin_title",
)

# %%
small, large = (0.1 * margin / by_sign for margin, by_sign, _ in (enlarged[0], enlarged[-1]))
claim("03.1", "03.claim.ratio", (enlarged[-1][1] / enlarged[-1][2]) / (enlarged[0][1] / enlarged[0][2]), at_least=2.0)
claim("03.2", "03.claim.same_epsilon", large / small, at_least=0.5)

# %% [markdown] tags=["fr"]
# Avec 64 fois plus de pixels, l'attaque l'emporte bien plus nettement sur le bruit (03.1), mais il faut presque le même ε pour tromper le modèle (03.2) : la marge a grandi avec la baisse. La dimension explique donc pourquoi la direction compte tant, et non, à elle seule, pourquoi 0,007 suffit sur une photographie. Cela dépend aussi de ce que le modèle a appris : Ilyas et ses collègues (2019) montrent que des motifs presque invisibles, utiles pour classer les images d'entraînement, portent une grande part de la marge d'un réseau.
#
# Notre réseau de chiffres est-il presque linéaire, lui aussi, autour d'une image ? Si oui, la marge entre le 3 et sa rivale suit, le long de l'attaque, la droite que prédit le gradient.

# %% [markdown] tags=["en"]
# With 64 times as many pixels the attack exceeds noise far more clearly (03.1), but nearly the same ε is needed to deceive the model (03.2): the margin has grown along with the fall. So the dimension explains why the direction counts for so much, and not, by itself, why 0.007 is enough on a photograph. That also depends on what the model has learnt: Ilyas and colleagues (2019) show that almost invisible patterns, useful for classifying the training pictures, carry a large part of the margin of a network.
#
# Is our digits network nearly linear, too, in the neighbourhood of a picture? If it is, the margin between the 3 and its rival follows, along the attack, the straight line that the gradient predicts.

# %%
picture = digits.preprocess(three)
rival = int(attack.after.classes[0])
slope = saliency(digits, three, "3").values - saliency(digits, three, rival).values
scores = digits.logits(picture)[0]

steps = np.array([0.0, 0.01, 0.02, 0.05, 0.1, 0.15])
path = np.concatenate([np.clip(picture - step * np.sign(slope), 0, 1) for step in steps])
promised = (scores[3] - scores[rival]) + np.sum((path - picture) * slope, axis=(1, 2, 3))
found = digits.logits(path)
Table(
    {"table.epsilon": steps, "table.promised": promised, "table.found": found[:, 3] - found[:, rival]},
    [".2f", ".1f", ".1f"],
)

# %% [markdown] tags=["fr"]
# Les deux colonnes restent proches pour les petits ε, puis se séparent : le réseau est presque droit de près, et se courbe de loin. La suite en tirera parti.

# %% [markdown] tags=["en"]
# The two columns stay close while ε is small, then part: around this 3 the network is almost linear nearby, and no longer so further away. PGD will make use of that.

# %% [markdown] tags=["fr"]
# ## Mesurer
#
# Une image ne prouve rien. Attaquons les 450 chiffres de test, que le réseau n'a pas vus pendant son entraînement, et comptons les erreurs pour chaque ε. Pour comparer, du bruit de même taille, et une attaque plus patiente, PGD, dont on parle juste après.

# %% [markdown] tags=["en"]
# ## Measuring
#
# One picture proves nothing. Let us attack the 450 test digits, which the network did not see in training, and count the errors at every ε. For comparison: noise of the same size, and a more patient attack, PGD, of which more in a moment.

# %%
epsilons = [0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3]
by_fgsm = robustness_curve(digits, x_test, y_test, epsilons=epsilons, attack="fgsm")
by_pgd = robustness_curve(digits, x_test, y_test, epsilons=epsilons, attack="pgd")


def noisy_error(epsilon):
    noise = epsilon * rng.choice([-1, 1], x_test.shape)
    noisy = np.clip(x_test + noise, 0, 1).astype("float32")
    return np.mean(digits.predict(noisy).classes != y_test)


noise_errors = [noisy_error(epsilon) for epsilon in epsilons]
Table(
    {
        "table.epsilon": epsilons,
        "table.error_noise": noise_errors,
        "table.error_fgsm": by_fgsm.error,
        "table.error_pgd": by_pgd.error,
    },
    [".2f", ".0%", ".0%", ".0%"],
    caption="table.caption_error",
)

# %%
compare_curves({"name.fgsm": by_fgsm, "name.pgd": by_pgd})

# %% [markdown] tags=["fr"]
# Comparez les colonnes à ε = 0,15. À taille égale, le bruit change peu de réponses et l'attaque la plupart : c'est la *direction* de la perturbation qui trompe le réseau, plus que sa *taille*. Et à chaque ε, PGD fait au moins aussi bien que FGSM.

# %% [markdown] tags=["en"]
# Compare the columns at ε = 0.15. At the same size, noise changes few answers and the attack most of them: it is the *direction* of the perturbation that deceives the network, more than its *size*. And at every ε, PGD does at least as well as FGSM.

# %%
assert np.all(by_pgd.error >= by_fgsm.error)
say("03.direction", epsilon=epsilons[4], noise=noise_errors[4], fgsm=by_fgsm.error[4], pgd=by_pgd.error[4])

steered = fgsm(digits, x_test, y_test.tolist(), epsilon=0.15).adversarial
at_random = np.clip(x_test + 0.15 * rng.choice([-1, 1], x_test.shape), 0, 1).astype("float32")
misread, misread_noise = (digits.predict(one).classes != y_test for one in (steered, at_random))
claim("03.3", "03.claim.attack", misread, at_least=0.5)
claim("03.4", "03.claim.noise", misread_noise, at_most=0.1)

# %% [markdown] tags=["fr"]
# ### Exercice 2 : le plus petit ε
#
# Une courbe parle d'un ensemble d'images. Pour une seule, le bon nombre est le plus petit ε qui change la réponse : sa distance à l'erreur. Écrivez `smallest_epsilon(fooled, maximum, tolerance)` :
#
# - `fooled(epsilon)` dit si le réseau est trompé à cet ε ; chaque appel coûte une prédiction, soyez économe ;
# - renvoyez un ε qui trompe, à moins de `tolerance` du plus petit ; supposez que, trompé à un ε, le réseau l'est encore au-delà ;
# - renvoyez `np.inf` si même `maximum` ne suffit pas.

# %% [markdown] tags=["en"]
# ### Exercise 2: the smallest ε
#
# A curve speaks of a set of pictures. For a single one, the right number is the smallest ε that changes the answer: its distance to error. Write `smallest_epsilon(fooled, maximum, tolerance)`:
#
# - `fooled(epsilon)` tells whether the network is fooled at that ε; each call costs one prediction, so be thrifty;
# - return an ε that fools, within `tolerance` of the smallest; assume that a network fooled at one ε is fooled beyond it too;
# - return `np.inf` if even `maximum` is not enough.


# %% exercise="03.smallest_epsilon"
def smallest_epsilon(fooled, maximum=0.5, tolerance=0.001):
    ### BEGIN SOLUTION
    # fr: Les deux bouts d'abord.
    # en: The two ends first.
    if fooled(0.0):
        return 0.0
    if not fooled(maximum):
        return np.inf
    # fr: low ne trompe pas, high trompe : on coupe l'intervalle en deux jusqu'à la tolérance.
    # en: low does not fool, high does: halve the interval down to the tolerance.
    low, high = 0.0, maximum
    while high - low > tolerance:
        middle = (low + high) / 2
        if fooled(middle):
            high = middle
        else:
            low = middle
    return high
    ### END SOLUTION


# %% check="03.smallest_epsilon" points=3
exercise("03.smallest_epsilon").check(smallest_epsilon)

# %%
if exercise("03.smallest_epsilon").passed:

    def fooled(epsilon):
        return digits.predict(fgsm(digits, three, "3", epsilon=epsilon).adversarial).classes[0] != 3

    library = minimal_epsilon(digits, three, "3").epsilon[0]
    say("03.smallest", mine=smallest_epsilon(fooled), library=library)
else:
    say("03.smallest_first")

# %% [markdown] tags=["fr"]
# Tous les chiffres sont-ils aussi fragiles ? La bibliothèque fait la même recherche pour toutes les images à la fois. **Pariez** : quel chiffre est le plus facile à faire lire de travers ?

# %% [markdown] tags=["en"]
# Are all digits equally fragile? The library does the same search for all pictures at once. **Place your bet**: which digit is the easiest to have misread?

# %%
bet("03.2", "03.bet.fragile", list("0123456789"))

# %%
smallest = minimal_epsilon(digits, x_test, y_test.tolist()).epsilon
medians = np.array([np.median(smallest[y_test == digit]) for digit in range(10)])
order = np.argsort(medians)
Table({"table.digit": [int(digit) for digit in order], "table.median_epsilon": medians[order]}, ["", ".3f"])

# %%
say("03.fragile", fragile=int(order[0]), solid=int(order[-1]), half=np.median(smallest))
settle("03.2", str(order[0]))

# %% [markdown] tags=["fr"]
# ### Est-ce que cela se voit ?
#
# Un ε est-il petit ? Tout dépend de l'image. Un écran distingue 256 niveaux par pixel, le fichier de nos chiffres en a 17. Comparons le plus petit ε médian, le contraste propre des chiffres, et le 0,007 de la diapositive.

# %% [markdown] tags=["en"]
# ### Can it be seen?
#
# Is an ε small? That depends on the picture. A screen shows 256 levels per pixel, the file of our digits has 17. Let us compare the median smallest ε, the digits' own contrast, and the slide's 0.007.

# %%
half = float(np.median(smallest))
perturbation = fgsm(digits, x_test, y_test.tolist(), epsilon=half).perturbation
relative = np.sqrt(np.sum(perturbation**2, axis=(1, 2, 3)) / np.sum(x_test**2, axis=(1, 2, 3)))
say("03.visible", epsilon=half, levels=half * 16, relative=np.median(relative), slide=0.007 * 255)

# %% [markdown] tags=["fr"]
# Sur nos chiffres, la perturbation se voit, comme un voile. Sur une photographie, 0,007 fait moins de deux niveaux de gris sur 256 : c'est de l'ordre de l'arrondi du fichier. Personne ne le voit, et pourtant un pas de cet ordre suffisait sur le chat de tout à l'heure.

# %% [markdown] tags=["en"]
# On our digits the perturbation can be seen, like a veil. On a photograph, 0.007 is less than two grey levels in 256: about the rounding of the file. Nobody sees it, and yet on the cat above a step of that order was enough.

# %% [markdown] tags=["fr"]
# ## Plusieurs petits pas : PGD
#
# FGSM regarde la pente une fois, au départ, puis saute. Or le réseau n'est pas linéaire : en chemin, la pente change. Madry et ses collègues (2018) avancent donc à petits pas, en reprenant le gradient à chaque fois, et ramènent l'image dans la boule permise (à ε près de l'originale) après chaque pas. On appelle cela la descente de gradient **projetée**, PGD.
#
# De combien ces pas augmentent-ils la perte ?

# %% [markdown] tags=["en"]
# ## Several small steps: PGD
#
# FGSM looks at the slope once, at the start, and jumps. But the network is not linear: on the way, the slope changes. Madry and colleagues (2018) therefore go in small steps, take the gradient anew each time, and bring the picture back into the allowed ball (within ε of the original) after each step. This is **projected** gradient descent, PGD.
#
# By how much do these steps raise the loss?

# %%
epsilon = 0.1
labels = y_test.tolist()
numbers = [1, 2, 5, 10, 20]
one_step = fgsm(digits, x_test, labels, epsilon=epsilon).adversarial
paths = [pgd(digits, x_test, labels, epsilon=epsilon, steps=n, random_start=False).adversarial for n in numbers]
tries = [x_test, one_step, *paths]
Table(
    {
        "table.attack": ["–", "FGSM", *(f"PGD, {n}" for n in numbers)],
        "table.mean_loss": [np.mean(loss(digits, pictures, y_test)) for pictures in tries],
        "table.error": [np.mean(digits.predict(pictures).classes != y_test) for pictures in tries],
    },
    ["", ".2f", ".0%"],
)

# %% [markdown] tags=["fr"]
# La perte monte avec le nombre de pas, puis ne monte presque plus : PGD a convergé. Cela ne prouve pas qu'elle ait trouvé la pire image de la boule : une attaque ne donne qu'une **borne inférieure** de l'erreur, et une autre attaque peut trouver davantage. On mesure la robustesse avec PGD plutôt qu'avec FGSM parce que sa borne est meilleure. Un réseau qui résiste à FGSM et non à PGD masque souvent son gradient : la pente au départ y dit peu de chose de ce qui est plus loin (Athalye, Carlini et Wagner, 2018).

# %% [markdown] tags=["en"]
# The loss rises with the number of steps, then hardly any more: PGD has converged. That does not prove that it has found the worst picture of the ball: an attack only gives a **lower bound** of the error, and another attack may find more. Robustness is measured with PGD rather than FGSM because its bound is tighter. A network that resists FGSM and not PGD often hides its gradient: the slope at the start says little about what lies further on (Athalye, Carlini and Wagner, 2018).

# %% [markdown] tags=["fr"]
# ### Exercice 3 : une attaque ciblée
#
# Jusqu'ici, n'importe quelle erreur faisait l'affaire. Choisissons maintenant la réponse. Écrivez `my_targeted_attack(classifier, x, target, epsilon, steps)` : en `steps` petits pas, elle amène le réseau vers la classe `target`, sans sortir ni de la boule ni de l'intervalle de 0 à 1.

# %% [markdown] tags=["en"]
# ### Exercise 3: a targeted attack
#
# Until now any error would do. Now let us choose the answer. Write `my_targeted_attack(classifier, x, target, epsilon, steps)`: in `steps` small steps, it leads the network to the class `target`, leaving neither the ball nor the range from 0 to 1.


# %% exercise="03.targeted"
def my_targeted_attack(classifier, x, target, epsilon, steps=20):
    ### BEGIN SOLUTION
    adversarial = x
    for _ in range(steps):
        # fr: Descendre la perte de la cible, à partir de l'endroit où l'on est.
        # en: Go down the loss of the target, from where we are now.
        step = 2.5 * epsilon / steps * np.sign(loss_gradient(classifier, adversarial, target))
        adversarial = adversarial - step
        # fr: Rester à epsilon près de l'image, et rester une image.
        # en: Stay within epsilon of the picture, and stay a picture.
        adversarial = np.clip(adversarial, x - epsilon, x + epsilon)
        adversarial = np.clip(adversarial, 0, 1)
    return adversarial
    ### END SOLUTION


# %% check="03.targeted" points=3
exercise("03.targeted").check(my_targeted_attack)

# %%
if exercise("03.targeted").passed:
    reached = my_targeted_attack(digits, np.repeat(picture, 10, axis=0), np.arange(10), 0.2)
    answers = digits.predict(reached).classes
    say("03.targets", count=int(np.sum(answers == np.arange(10))), answers=" ".join(map(str, answers)))
else:
    say("03.targeted_first")

# %% [markdown] tags=["fr"]
# Toutes les cibles se valent-elles ? Envoyons douze chiffres de test de chaque classe vers chaque autre classe, et comptons les réussites.

# %% [markdown] tags=["en"]
# Are all targets alike? Let us send twelve test digits of each class to every other class, and count the successes.

# %%
sample = np.concatenate([np.flatnonzero(y_test == digit)[:12] for digit in range(10)])
rates = np.array(
    [
        pgd(digits, x_test[sample], target, epsilon=0.15, targeted=True, steps=10).success.reshape(10, 12).mean(axis=1)
        for target in range(10)
    ]
).T
np.fill_diagonal(rates, np.nan)
easiest = np.unravel_index(np.nanargmax(rates), rates.shape)
hardest = np.unravel_index(np.nanargmin(rates), rates.shape)
say(
    "03.easy_targets",
    mean=np.nanmean(rates),
    easy_from=int(easiest[0]),
    easy_to=int(easiest[1]),
    easy=rates[easiest],
    hard_from=int(hardest[0]),
    hard_to=int(hardest[1]),
    hard=rates[hardest],
)

# %% [markdown] tags=["fr"]
# ## Les exemples adverses se transfèrent d'un modèle à l'autre
#
# Ces images ont été fabriquées contre *notre* réseau, avec *ses* gradients. Un autre modèle, qui n'est même pas un réseau et dont nous n'avons aucun gradient, pourrait ne pas s'y tromper. **Pariez**, puis comptez.

# %% [markdown] tags=["en"]
# ## Adversarial examples transfer from model to model
#
# These pictures were made against *our* network, with *its* gradients. Another model, which is not even a network and of which we have no gradient at all, might not be deceived by them. **Place your bet**, then count.

# %%
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC

epsilon = 0.15
made_here = pgd(digits, x_test, labels, epsilon=epsilon).adversarial
same_size = np.clip(x_test + epsilon * rng.choice([-1, 1], x_test.shape), 0, 1)
others = {
    "name.logistic": LogisticRegression(max_iter=2000),
    "name.svm": SVC(),
    "name.forest": RandomForestClassifier(200, random_state=0),
}


def error_of(model, x):
    return 1 - model.score(x.reshape(len(x), -1), y_test)


for model in others.values():
    model.fit(x_train.reshape(len(x_train), -1), y_train)

Table(
    {
        "table.model": list(others),
        "table.clean": [error_of(model, x_test) for model in others.values()],
        "table.noise": [error_of(model, same_size) for model in others.values()],
        "table.transferred": [error_of(model, made_here) for model in others.values()],
    },
    ["", ".0%", ".0%", ".0%"],
)


# %%
def more_errors(model):
    wrong = [model.predict(one.reshape(len(one), -1)) != y_test for one in (made_here, same_size)]
    return wrong[0].astype(float) - wrong[1]


claim("03.5", "03.claim.transfer", min(map(more_errors, others.values()), key=np.mean), at_least=0.0, chance=0.0)

# %% [markdown] tags=["fr"]
# Aucun de ces modèles n'a été attaqué, et pour chacun l'erreur est plus grande que sous un bruit de même taille, mais bien plus petite que celle du réseau attaqué : le transfert existe, il est partiel. Szegedy et ses collègues (2013) l'avaient vu dès le début ; l'explication courante est que des modèles apprennent des mêmes données des directions semblables. Conséquence pratique : garder un modèle secret ne suffit pas à le protéger.

# %% [markdown] tags=["en"]
# None of these models was attacked, and for each of them the error is larger than under noise of the same size, but far smaller than that of the attacked network: there is transfer, and it is partial. Szegedy and colleagues (2013) had seen it from the start; the usual explanation is that models learn similar directions from the same data. In practice: keeping a model secret is not enough to protect it.

# %% [markdown] tags=["fr"]
# ## L'explication survit-elle ?
#
# Revenons au sujet du cours. Si le réseau change d'avis pour si peu, que valent ses explications ? Une carte de saillance est elle-même un gradient : comparons-la avant et après, par la corrélation des rangs de ses pixels (1 : les mêmes pixels comptent, dans le même ordre ; 0 : aucun rapport).

# %% [markdown] tags=["en"]
# ## Does the explanation survive?
#
# Back to the subject of this course. If the network changes its mind for so little, what are its explanations worth? A saliency map is itself a gradient: let us compare it before and after, by the rank correlation of its pixels (1: the same pixels count, in the same order; 0: nothing in common).


# %%
def similarities(pictures):
    # fr: La même classe expliquée avant et après ; puis ce que le réseau répond à présent.
    # en: The same class explained before and after; then whatever the network answers now.
    maps = saliency(digits, x_test, labels).heatmap()
    same_class = map_similarity(maps, saliency(digits, pictures, labels).heatmap())
    present_answer = map_similarity(maps, saliency(digits, pictures).heatmap())
    return same_class, present_answer


sizes = [0.02, 0.05, 0.1, 0.15]
noisy = [similarities(np.clip(x_test + e * rng.choice([-1, 1], x_test.shape), 0, 1).astype("float32")) for e in sizes]
fooled_pictures = [fgsm(digits, x_test, labels, epsilon=e).adversarial for e in sizes]
fooled_maps = [similarities(one) for one in fooled_pictures]
Table(
    {
        "table.epsilon": sizes,
        "table.similar_noise": [same.mean() for same, _ in noisy],
        "table.similar_fgsm": [same.mean() for same, _ in fooled_maps],
        "table.similar_answer": [present.mean() for _, present in fooled_maps],
    },
    [".2f", ".2f", ".2f", ".2f"],
    caption="03.table.similar_title",
)

# %%
wrong = digits.predict(fooled_pictures[-1]).classes != y_test
claim("03.6", "03.claim.noise_as_much", noisy[-1][0] - fooled_maps[-1][0], at_least=0.0, at_most=0.1, chance=0.0)
claim("03.7", "03.claim.flipped", fooled_maps[-1][1][wrong], at_most=0.5, kept=fooled_maps[-1][1][~wrong].mean())

# %% [markdown] tags=["fr"]
# Les deux premières colonnes comparent les explications de la vraie classe ; la dernière, celles de ce que le réseau répond. D'abord, le bruit, qui change peu de réponses, change l'explication de la vraie classe presque autant que l'attaque (03.6). Ensuite, quand la réponse change, son explication change beaucoup plus que lorsqu'elle reste (03.7) : elle explique alors une autre réponse, qui est fausse. C'est ce qu'on lui demande, mais il ne faut pas y voir une preuve que la réponse est bonne.
#
# On peut aussi attaquer l'**explication seule**, sans changer la réponse (Ghorbani, Abid et Zou, 2019). Sans aucun gradient, en tirant des perturbations au hasard et en gardant la pire ; sur le 3 d'abord, puis sur soixante chiffres, avec cent perturbations chacun :

# %% [markdown] tags=["en"]
# The first two columns compare explanations of the true class; the last one, those of whatever the network answers. First, noise, which changes few answers, changes the explanation of the true class almost as much as the attack does (03.6). Second, when the answer changes, its explanation changes far more than when it stays (03.7): it then explains another answer, a wrong one. That is its job, but it must not be taken as proof that the answer is right.
#
# One can also attack the **explanation alone**, and leave the answer as it is (Ghorbani, Abid and Zou, 2019). With no gradient at all, by drawing perturbations at random and keeping the worst; on the 3 first, then on sixty digits with a hundred perturbations each:

# %%
tried = np.clip(picture + 0.1 * rng.choice([-1, 1], (1000, 8, 8, 1)), 0, 1).astype("float32")
still_three = tried[digits.predict(tried).classes == 3]
reference = saliency(digits, picture, "3").heatmap()
found = map_similarity(np.repeat(reference, len(still_three), axis=0), saliency(digits, still_three, "3").heatmap())
say("03.explanation_attacked", kept=len(still_three), tried=len(tried), median=np.median(found), worst=found.min())


# %%
def worst_of(number, tries=100):
    copies = np.clip(x_test[number] + 0.1 * rng.choice([-1, 1], (tries, 8, 8, 1)), 0, 1).astype("float32")
    copies = copies[digits.predict(copies).classes == y_test[number]]
    own = saliency(digits, x_test[number : number + 1], labels[number]).heatmap()
    others = saliency(digits, copies, labels[number]).heatmap()
    return map_similarity(np.repeat(own, len(copies), axis=0), others).min()


claim("03.8", "03.claim.worst", [worst_of(number) for number in range(60)], at_most=0.6)

# %% [markdown] tags=["fr"]
# ## Se défendre : s'entraîner contre l'adversaire
#
# L'entraînement adverse est la défense la plus éprouvée : montrer au réseau, pendant l'entraînement, les images qui le trompent, avec leur vraie étiquette (Goodfellow et coll., 2014 ; Madry et coll., 2018). On cherche les poids qui rendent petite la **pire** perte de la boule :
#
# $$\min_\theta \; \sum_{(x, y)} \; \max_{\|\delta\|_\infty \le \varepsilon} J(\theta, x + \delta, y)$$
#
# Le maximum, c'est l'attaque ; le minimum, l'entraînement ordinaire.

# %% [markdown] tags=["en"]
# ## Defence: training against the adversary
#
# Adversarial training is the defence that has best stood the tests: during training, show the network the pictures that fool it, with their true labels (Goodfellow et al., 2014; Madry et al., 2018). One looks for weights that make the **worst** loss of the ball small:
#
# $$\min_\theta \; \sum_{(x, y)} \; \max_{\|\delta\|_\infty \le \varepsilon} J(\theta, x + \delta, y)$$
#
# The maximum is the attack; the minimum is ordinary training.

# %% [markdown] tags=["fr"]
# ### Exercice 4 : un réseau plus solide
#
# `copy_of_digits()` donne une copie du réseau, prête à être entraînée, pour ne pas abîmer l'original. Écrivez une boucle qui l'entraîne sur des images attaquées, et renvoyez-la. Dix époques par lots de 64 prennent de dix à trente secondes sur deux cœurs. La vérification attaque votre réseau par PGD, à ε = 0,15.

# %% [markdown] tags=["en"]
# ### Exercise 4: a sturdier network
#
# `copy_of_digits()` gives a copy of the network, ready for training, so that the original stays as it is. Write a loop which trains it on attacked pictures, and return it. Ten epochs in batches of 64 take ten to thirty seconds on two cores. The check attacks your network with PGD, at ε = 0.15.

# %%
import keras

from xai_widgets import Classifier


def copy_of_digits():
    network = keras.models.clone_model(digits.model)
    network.set_weights(digits.model.get_weights())
    network.compile("adam", "sparse_categorical_crossentropy")
    return Classifier(network, digits.labels, lambda pixels: pixels / 255, name="robust", value_range=(0, 1))


# %% exercise="03.adversarial_training"
def train_robust(epochs=10, batch_size=64, epsilon=0.15):
    keras.utils.set_random_seed(0)
    robust = copy_of_digits()
    ### BEGIN SOLUTION
    shuffled = np.random.default_rng(0)
    for _ in range(epochs):
        order = shuffled.permutation(len(x_train))
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            x, y = x_train[chosen], y_train[chosen]
            # fr: L'attaque vise le réseau tel qu'il est à cet instant, pas celui du début.
            # en: The attack aims at the network as it is now, not as it was at the beginning.
            adversarial = fgsm(robust, x, y.tolist(), epsilon=epsilon).adversarial
            robust.model.train_on_batch(np.concatenate([x, adversarial]), np.concatenate([y, y]))
    return robust
    ### END SOLUTION


robust = train_robust()

# %% check="03.adversarial_training" points=4 tags=["nbval-ignore-output"]
exercise("03.adversarial_training").check(robust)

# %% tags=["nbval-ignore-output"]
if exercise("03.adversarial_training").passed:
    after_training = robustness_curve(robust, x_test, y_test, epsilons=epsilons, attack="pgd")
    display(compare_curves({"name.shipped": by_pgd, "name.robust": after_training}))
    gain = Table(
        {"table.epsilon": epsilons, "table.shipped": by_pgd.error, "table.robust": after_training.error},
        [".2f", ".0%", ".0%"],
        caption="table.caption_pgd",
    )
else:
    gain = say("03.training_first")
gain

# %% [markdown] tags=["fr"]
# Le gain est net à ε = 0,15, mais à ε assez grand l'erreur revient, et l'on n'a rien mesuré hors de la boule contre laquelle on s'est entraîné. Essayez `epsilon=0.05` ou `0.3` pendant l'entraînement : qu'y gagne-t-on, qu'y perd-on sur les images propres ?
#
# Un réseau entraîné ainsi s'explique-t-il mieux ? Regardez les deux cartes de saillance, échelles comprises : les pentes de la seconde sont plus douces, il faut donc un plus grand ε pour franchir la même marge. Puis refaisons la mesure de tout à l'heure : du bruit sur l'image, combien reste-t-il de l'explication ?

# %% [markdown] tags=["en"]
# The gain is clear at ε = 0.15, but with a large enough ε the error is back, and nothing was measured outside the ball that was trained against. Try `epsilon=0.05` or `0.3` in training: what does it gain, and what does it cost on clean pictures?
#
# Does a network trained in this way explain itself better? Look at the two saliency maps, scales included: the slopes of the second are gentler, so it takes a larger ε to use up the same margin. Then let us repeat the measurement of a moment ago: noise on the picture, how much is left of the explanation?

# %%
explain(digits, three, "saliency", target="3")

# %% tags=["nbval-ignore-output"]
trained = exercise("03.adversarial_training").passed
explain(robust, three, "saliency", target="3") if trained else say("03.training_first")

# %% tags=["nbval-ignore-output"]
shaken = np.clip(x_test + 0.1 * rng.choice([-1, 1], x_test.shape), 0, 1).astype("float32")


def stability(classifier):
    maps = [saliency(classifier, pictures, labels).heatmap() for pictures in (x_test, shaken)]
    return map_similarity(*maps)


if trained:
    steadiness = [stability(classifier) for classifier in (digits, robust)]
    say("03.stability", shipped=np.mean(steadiness[0]), robust=np.mean(steadiness[1]))
    claim("03.9", "03.claim.not_steadier", steadiness[1] - steadiness[0], at_most=0.1, chance=0.0)
else:
    say("03.training_first")

# %% [markdown] tags=["fr"]
# La réponse résiste mieux, mais sur ce petit réseau l'explication n'est guère plus stable (03.9). Sur de plus grandes images et de plus grands réseaux, Tsipras et ses collègues (2019) trouvent que les gradients d'un réseau robuste suivent mieux les contours que voit un humain. Nos chiffres de 8 × 8 pixels ne permettent ni de le confirmer ni de le contredire.

# %% [markdown] tags=["en"]
# The answer resists better, but on this small network the explanation is hardly more stable (03.9). On larger pictures and larger networks, Tsipras and colleagues (2019) find that the gradients of a robust network follow the outlines that a person sees more closely. Our digits of 8 × 8 pixels can neither confirm nor contradict it.

# %%
calibration()

# %% [markdown] tags=["fr"]
# ## Ce qu'il faut retenir
#
# - Une perturbation **bien dirigée** suffit ; un bruit de même taille change peu de réponses (03.3, 03.4).
# - Un modèle linéaire perd exactement $\varepsilon \sum_i |w_i|$. La dimension éloigne l'attaque du bruit (03.1), mais l'ε suffisant dépend aussi de la marge (03.2).
# - FGSM en un pas, PGD en plusieurs ; une attaque ne donne qu'une borne inférieure de l'erreur.
# - Les exemples adverses se transfèrent en partie d'un modèle à l'autre (03.5).
# - L'explication change avec la réponse (03.7), et peut changer quand la réponse ne change pas (03.8).
# - S'entraîner contre l'attaque diminue l'erreur dans la boule d'entraînement ; sur notre réseau, cela ne rend pas les cartes plus stables (03.9).
#
# ### Sources
#
# - Christian Szegedy, Wojciech Zaremba, Ilya Sutskever, Joan Bruna, Dumitru Erhan, Ian Goodfellow, Rob Fergus, *Intriguing properties of neural networks*, 2013.
# - Ian Goodfellow, Jonathon Shlens, Christian Szegedy, *Explaining and Harnessing Adversarial Examples*, 2014.
# - Aleksander Madry, Aleksandar Makelov, Ludwig Schmidt, Dimitris Tsipras, Adrian Vladu, *Towards Deep Learning Models Resistant to Adversarial Attacks*, 2018.
# - Anish Athalye, Nicholas Carlini, David Wagner, *Obfuscated Gradients Give a False Sense of Security*, 2018.
# - Thomas Tanay, Lewis Griffin, *A Boundary Tilting Perspective on the Phenomenon of Adversarial Examples*, 2016.
# - Andrew Ilyas, Shibani Santurkar, Dimitris Tsipras, Logan Engstrom, Brandon Tran, Aleksander Madry, *Adversarial Examples Are Not Bugs, They Are Features*, 2019.
# - Dimitris Tsipras, Shibani Santurkar, Logan Engstrom, Alexander Turner, Aleksander Madry, *Robustness May Be at Odds with Accuracy*, 2019.
# - Amirata Ghorbani, Abubakar Abid, James Zou, *Interpretation of Neural Networks Is Fragile*, 2019.
# - Karen Simonyan, Andrea Vedaldi, Andrew Zisserman, *Deep Inside Convolutional Networks*, 2013, pour la saillance.

# %% [markdown] tags=["en"]
# ## What to remember
#
# - A **well directed** perturbation is enough; noise of the same size changes few answers (03.3, 03.4).
# - A linear model loses exactly $\varepsilon \sum_i |w_i|$. The dimension separates the attack from noise (03.1), but the ε that is enough also depends on the margin (03.2).
# - FGSM in one step, PGD in several; an attack only gives a lower bound of the error.
# - Adversarial examples transfer in part from model to model (03.5).
# - The explanation changes along with the answer (03.7), and can change while the answer does not (03.8).
# - Training against the attack lowers the error within the ball of the training; on our network it does not make the maps more stable (03.9).
#
# ### Sources
#
# - Christian Szegedy, Wojciech Zaremba, Ilya Sutskever, Joan Bruna, Dumitru Erhan, Ian Goodfellow, Rob Fergus, *Intriguing properties of neural networks*, 2013.
# - Ian Goodfellow, Jonathon Shlens, Christian Szegedy, *Explaining and Harnessing Adversarial Examples*, 2014.
# - Aleksander Madry, Aleksandar Makelov, Ludwig Schmidt, Dimitris Tsipras, Adrian Vladu, *Towards Deep Learning Models Resistant to Adversarial Attacks*, 2018.
# - Anish Athalye, Nicholas Carlini, David Wagner, *Obfuscated Gradients Give a False Sense of Security*, 2018.
# - Thomas Tanay, Lewis Griffin, *A Boundary Tilting Perspective on the Phenomenon of Adversarial Examples*, 2016.
# - Andrew Ilyas, Shibani Santurkar, Dimitris Tsipras, Logan Engstrom, Brandon Tran, Aleksander Madry, *Adversarial Examples Are Not Bugs, They Are Features*, 2019.
# - Dimitris Tsipras, Shibani Santurkar, Logan Engstrom, Alexander Turner, Aleksander Madry, *Robustness May Be at Odds with Accuracy*, 2019.
# - Amirata Ghorbani, Abubakar Abid, James Zou, *Interpretation of Neural Networks Is Fragile*, 2019.
# - Karen Simonyan, Andrea Vedaldi, Andrew Zisserman, *Deep Inside Convolutional Networks*, 2013, for saliency.
