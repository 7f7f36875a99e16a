# ---
# jupyter:
#   course:
#     title:
#       fr: "Maximiser une activation : l'image qui donne le plus grand score"
#       en: "Activation maximisation: the picture with the largest score"
#     minutes: 60
#     before: [06_gradients]
#     part: inside
#     level: 2
#     slides:
#       fr: "maximisation d'activation, DeepDream, lucid"
#       en: "activation maximisation, DeepDream, lucid"
# ---

# %% [markdown] tags=["fr"]
# Jusqu'ici, on cherchait de quels pixels d'*une* image dépend le score. Changeons de question : quelle image donne **le plus grand** score à une classe, à un filtre, à un neurone ? On la calcule : on part d'un gris, et on le modifie pas à pas dans le sens du gradient.
#
# À la fin de ce notebook, vous saurez écrire cette montée, dire pourquoi elle donne d'abord du bruit, ce qu'on y ajoute pour y voir clair, et pourquoi une belle image n'est pas encore une preuve.

# %% [markdown] tags=["en"]
# So far we asked which pixels of *one* picture a score depends on. Let us turn the question round: which picture gives **the largest** score to a class, a filter, a neuron? It is computed: start from grey, and change it step by step along the gradient.
#
# By the end of this notebook you will be able to write this ascent, say why it first gives noise, what is added to it to see clearly, and why a fine picture is not yet a proof.

# %% [markdown] tags=["fr"]
# ## Ce que montre la diapositive
#
# > Envoyer dans le réseau une image de bruit. Fixer le gradient du vecteur des scores à 1, 0, 0, 0… Rétropropager. Mettre à jour l'image. Répéter.
#
# Prenons le réseau des créatures, qui reconnaît douze animaux dessinés, et cherchons l'image dont le score « chat » est le plus grand. **Pariez d'abord** : à quoi ressemblera-t-elle ?

# %% [markdown] tags=["en"]
# ## What the slide shows
#
# > Send a picture of noise into the network. Set the gradient of the vector of scores to 1, 0, 0, 0… Propagate back. Update the picture. Repeat.
#
# Let us take the creatures network, which knows twelve drawn animals, and look for the picture with the largest score for “cat”. **Place your bet first**: what will it look like?

# %%
import warnings

import numpy as np

from xai_widgets import DreamLab, FeatureLab, load_model, sample_image
from xai_widgets.course import DescribedFigure, claim, exercise, say
from xai_widgets.datasets.creatures import sample_batch
from xai_widgets.methods import activation_maximization, deep_dream, objective_scores
from xai_widgets.methods.feature_visualization import WAYS, channel, lucid_visualization
from xai_widgets.plots.visualization_figures import visualization_figure

creatures = load_model("creatures")
ideal = activation_maximization(creatures, "cat", steps=48, **WAYS["pixels"].options())
ideal

# %% [markdown] tags=["fr"]
# Du bruit ! Et pourtant :

# %% [markdown] tags=["en"]
# Noise! And yet:

# %%
cats = sample_batch(60, seed=10, classes=["cat"]).pictures
of_cats = objective_scores(creatures, cats, "cat")
answer = creatures.predict(ideal.inputs).top(1)[0][0]
at_least = 10 * int(ideal.score[0] // 10)
say("10.sure", label=answer.label, score=at_least, best=of_cats.max(), count=len(cats))
claim("10.1", "10.claim.noise", of_cats < ideal.score[0], at_least=0.9)

# %% [markdown] tags=["fr"]
# Aucun chat dessiné n'atteint ce score. C'est la même montée que celle des exemples adverses (notebook 03), partie du gris : loin des images de l'entraînement, rien ne contraint les réponses du réseau, et de grands scores y sont faciles à atteindre.
#
# ## La formule
#
# Écrivons $S_c(x)$ le score de la classe $c$ (avant la fonction de sortie. Avec une softmax, une probabilité peut monter parce que les scores des autres classes baissent ; notre réseau finit par douze sigmoïdes, dont la pente devient presque nulle dès que la probabilité approche 1. Dans les deux cas on maximise le logit). Simonyan, Vedaldi et Zisserman (2013) cherchent
#
# $$\arg\max_x \; S_c(x) - \lambda \lVert x \rVert_2^2$$
#
# où $x$ vaut 0 au gris moyen. La pénalité ramène vers le gris chaque pixel qui ne sert à rien.
#
# ### Exercice 1 : écrivez la montée
#
# `gradient(picture)` donne le gradient du score. Faites `steps` pas, chacun de `rate` fois le gradient **de ce qu'on maximise**, avec $\lambda$ = `decay`. Renvoyez l'image finale, sans changer celle qu'on vous donne.

# %% [markdown] tags=["en"]
# No drawn cat reaches this score. It is the same ascent as that of adversarial examples (notebook 03), begun at grey: far from the training pictures nothing constrains the network's answers, and large scores are easy to reach there.
#
# ## The formula
#
# Let $S_c(x)$ be the score of class $c$ (before the output function. With a softmax, a probability may rise because the scores of the other classes fall; our network ends in twelve sigmoids, whose slope is nearly zero once the probability comes near 1. In both cases the logit is maximised). Simonyan, Vedaldi and Zisserman (2013) look for
#
# $$\arg\max_x \; S_c(x) - \lambda \lVert x \rVert_2^2$$
#
# where $x$ is 0 at mid-grey. The penalty brings back to grey every pixel that serves no purpose.
#
# ### Exercise 1: write the ascent
#
# `gradient(picture)` gives the gradient of the score. Take `steps` steps, each of `rate` times the gradient **of what is maximised**, with $\lambda$ = `decay`. Return the final picture, without changing the one you are given.


# %% exercise="10.climb"
def climb(gradient, picture, steps, rate, decay):
    ### BEGIN SOLUTION
    # fr: La pente du score, moins celle de la pénalité ; reprise à chaque pas.
    # en: The gradient of the score, less that of the penalty; taken anew at each step.
    for _ in range(steps):
        picture = picture + rate * (gradient(picture) - 2 * decay * picture)
    return picture
    ### END SOLUTION


# %% check="10.climb" points=3
exercise("10.climb").check(climb)

# %% [markdown] tags=["fr"]
# ## Du bruit à l'image
#
# Pourquoi du bruit ? Le gradient traite chaque pixel séparément, et le score est sensible aux détails fins. On a trouvé plusieurs remèdes. Les voici sur une même unité, le canal 3 de la couche `conv4_2` :
#
# 1. des **pixels**, rien de plus ;
# 2. la **pénalité** de 2013 ;
# 3. des pixels, mais l'image est **déplacée** un peu avant chaque regard (décalée, tournée, agrandie) : un détail qui ne survit pas au déplacement ne rapporte rien ;
# 4. l'image est écrite en **ondes** (Fourier) et en couleurs indépendantes, puis déplacée : les grandes formes montent aussi vite que les petites (Olah, Mordvintsev et Schubert, 2017).
#
# C'est ce que fait la bibliothèque `lucid`, d'où viennent ces deux dernières idées.

# %% [markdown] tags=["en"]
# ## From noise to a picture
#
# Why noise? The gradient treats each pixel separately, and the score is sensitive to fine detail. Several cures were found. Here they are on one unit, channel 3 of the layer `conv4_2`:
#
# 1. **pixels** and nothing else;
# 2. the **penalty** of 2013;
# 3. pixels, but the picture is **moved** a little before each look (shifted, turned, enlarged): a detail that does not survive the move earns nothing;
# 4. the picture is written as **waves** (Fourier) and in independent colours, then moved: large shapes climb as fast as small ones (Olah, Mordvintsev and Schubert, 2017).
#
# This is what the library `lucid` does, which the last two ideas come from.

# %%
ways = {
    "pixels": "feature.way_pixels",
    "l2": "feature.way_l2",
    "moved": "feature.way_moved",
    "decorrelated": "feature.way_decorrelated",
}
unit = channel("conv4_2", 3)
made = [activation_maximization(creatures, WAYS[way].objective(unit), steps=64, **WAYS[way].options()) for way in ways]
names = list(ways.values())
DescribedFigure(visualization_figure(np.concatenate([one.pictures for one in made]), names), "10.ways_text")

# %% [markdown] tags=["fr"]
# `lucid` elle-même, écrite pour TensorFlow 1, tourne ici aussi, sur le même réseau. En haut notre montée, en bas la sienne : mêmes unités, même nombre de pas, chacune avec ses propres réglages. Comparez les motifs, colonne par colonne, sans regarder **où** ils se trouvent : leur place tient au départ, tiré au hasard. Trois unités illustrent ; elles ne prouvent pas que les deux programmes s'accordent toujours.

# %% [markdown] tags=["en"]
# `lucid` itself, written for TensorFlow 1, runs here too, on the same network. Above our ascent, below its own: the same units, the same number of steps, each with its own settings. Compare the motifs, column by column, whatever **place** they have: that depends on the start, which is drawn at random. Three units illustrate; they do not prove that the two programs always agree.

# %%
some = (3, 16, 17)
ours = activation_maximization(creatures, some, layer="conv4_2")
theirs = [lucid_visualization(creatures, f"conv4_2:{one}", steps=96) for one in some]
rows = np.concatenate([ours.pictures, *(one.pictures for one in theirs)])
titles = [f"conv4_2 {one}" for one in some] + [f"lucid {one}" for one in some]
DescribedFigure(visualization_figure(rows, titles, columns=3), "10.lucid_text")

# %% [markdown] tags=["fr"]
# ### Exercice 2 : mesurez la rugosité
#
# « Du bruit » est une impression ; mesurons-la. La **variation totale** d'une image `(H, W, 3)` est la moyenne des différences absolues avec le pixel du dessous, plus la même avec le pixel de droite. Écrivez `roughness(picture)`.

# %% [markdown] tags=["en"]
# ### Exercise 2: measure the roughness
#
# “Noise” is an impression; let us measure it. The **total variation** of a picture `(H, W, 3)` is the mean absolute difference to the pixel below, plus the same for the pixel on the right. Write `roughness(picture)`.


# %% exercise="10.roughness"
def roughness(picture):
    ### BEGIN SOLUTION
    # fr: Monter ou descendre, c'est aussi rugueux : la valeur absolue d'abord.
    # en: Up or down is equally rough: the absolute value first.
    down, across = np.diff(picture, axis=0), np.diff(picture, axis=1)
    return np.abs(down).mean() + np.abs(across).mean()
    ### END SOLUTION


# %% check="10.roughness" points=2
exercise("10.roughness").check(roughness)

# %%
if exercise("10.roughness").passed:
    rough = [roughness(one.pictures[0]) for one in made]
    say("10.roughest", roughest=names[int(np.argmax(rough))])
else:
    say("10.roughness_first")

# %% [markdown] tags=["fr"]
# ## À vous de jouer
#
# Le labo dessine une unité de deux façons à la fois. Regardez-la naître, puis faites courir le film d'avant en arrière. Cherchez :
#
# 1. laquelle des deux façons donne le score le plus haut ? Est-ce aussi la plus claire ?
# 2. choisissez une autre couche : que dessinent les unités de `conv1_1` ? de `conv3_2` ?
# 3. demandez un autre départ : qu'est-ce qui reste, qu'est-ce qui change ?
# 4. essayez la transparence : quelle partie de l'image l'unité réclame-t-elle vraiment ?
# 5. mettez `lucid` à droite : laquelle des deux montées est la plus rapide au début ?

# %% [markdown] tags=["en"]
# ## Your turn to play
#
# The lab draws a unit in two ways at once. Watch it being born, then run the film back and forth. Find out:
#
# 1. which of the two ways gives the higher score? Is it the clearer one too?
# 2. choose another layer: what do the units of `conv1_1` draw? those of `conv3_2`?
# 3. ask for another start: what stays, what changes?
# 4. try transparency: which part of the picture does the unit truly ask for?
# 5. put `lucid` on the right: which of the two climbs faster at first?

# %%
lab = FeatureLab(creatures, layer="conv4_2", unit=3, steps=64)
lab

# %% [markdown] tags=["fr"]
# ## L'activation est-elle vraiment plus grande ?
#
# Une image lisible ne suffit pas. Vérifions : l'image fabriquée doit activer son unité **plus que chacune des images** du jeu. Sur soixante unités, puis, pour vingt d'entre elles, avec une autre graine :

# %% [markdown] tags=["en"]
# ## Is the activation really larger?
#
# A picture that can be read is not enough. Let us check: the picture that was made must activate its unit **more than each of the pictures** of the set. On sixty units, then, for twenty of them, with another seed:

# %%
units = range(62)
pictures = sample_batch(96, seed=11).pictures
with warnings.catch_warnings():
    # fr: Une unité nulle au départ a un gradient nul : son image ne change pas, et elle ne compte pas.
    # en: A unit that is zero at the start has a gradient of zero: its picture does not change, and does not count.
    warnings.simplefilter("ignore", UserWarning)
    drawn = activation_maximization(creatures, units, layer="conv4_2", steps=32, size=96)
again = activation_maximization(creatures, range(20), layer="conv4_2", steps=32, size=96, seed=1)
reached = np.array([objective_scores(creatures, pictures, one, layer="conv4_2") for one in units])
best = reached.max(axis=1)
moved = drawn.score > 0
claim("10.2", "10.claim.above", drawn.score[moved] > best[moved], at_least=0.5, pictures=len(pictures))
say("10.again", again=int((again.score > best[:20]).sum()), units=20)

# %% [markdown] tags=["fr"]
# Et l'image du jeu qui excite le plus chaque unité, que dit-elle ? Pour les six premières, en haut, ce qu'on a fabriqué ; en bas, ce qu'on a trouvé.

# %% [markdown] tags=["en"]
# And what does the picture of the set that excites each unit most have to say? For the first six, above, what was made; below, what was found.

# %%
few = 6
found = pictures[reached.argmax(axis=1)[:few]] / 255
titles = [f"conv4_2 {one}" for one in units[:few]] * 2
scores = np.concatenate([drawn.score[:few], best[:few]])
both = visualization_figure(np.concatenate([drawn.pictures[:few], found]), titles, scores)
DescribedFigure(both, "10.side_by_side_text")

# %% [markdown] tags=["fr"]
# « L'optimisation isole les causes du comportement de simples corrélations », dit la diapositive. Il est vrai que tout, dans l'image fabriquée, vient du gradient de l'unité, alors que l'image trouvée contient tout un animal et son décor. Mais cela n'aide que si l'on reconnaît le motif : pour combien de ces six images fabriquées sauriez-vous dire ce qu'elles montrent ?
#
# On l'a mesuré sur des personnes : pour prévoir quelle image active une unité, des images **naturelles** très actives aident davantage que les images fabriquées (Borowski et ses collègues, 2021). Et un réseau peut être modifié pour que ses images fabriquées montrent n'importe quoi sans que ses réponses aux images naturelles changent (Geirhos et ses collègues, 2023). Regardez donc les deux rangées. « Un neurone peut ne pas détecter ce que vous pensiez au départ » : cela vaut pour l'une comme pour l'autre.
#
# ## DeepDream
#
# Au lieu de partir du gris, partons d'une vraie image, et au lieu d'une unité, augmentons **toutes** les activations d'une couche : la moyenne de leurs carrés. Le gradient du carré est proportionnel à l'activation ; les plus fortes sont donc renforcées le plus, à chaque pas. On commence par une petite version de l'image, puis de plus grandes (les *octaves*), pour obtenir de grandes et de petites formes (Mordvintsev, Olah et Tyka, 2015).
#
# Voici le réseau des photographies, qui connaît onze choses dont le chat et le chien, devant la photo d'un chat. **Pariez d'abord** : que va-t-il ajouter ? Faites ensuite courir le film, et cherchez :
#
# 1. qu'est-ce qui pousse, et où ? Sur le fond aussi ?
# 2. choisissez `conv1_1` : quels motifs apparaissent avec les premières couches ? et celles du milieu ?
# 3. chargez une photo sans animal : qu'est-ce qui apparaît dans un mur, dans un nuage ?

# %% [markdown] tags=["en"]
# “Optimisation isolates the causes of behaviour from mere correlations”, says the slide. It is true that everything in the picture that was made comes from the unit's gradient, while the one that was found holds a whole animal and its scenery. But that only helps if one recognises the motif: of how many of these six made pictures could you say what they show?
#
# This has been measured on people: to predict which picture activates a unit, **natural** pictures that activate it strongly help more than those that are made (Borowski and colleagues, 2021). And a network can be changed so that its made pictures show anything, while its answers to natural pictures stay the same (Geirhos and colleagues, 2023). So look at both rows. “A neuron may not detect what you first thought”: this holds for the one as for the other.
#
# ## DeepDream
#
# Instead of grey, let us start from a real picture, and instead of one unit, raise **all** activations of a layer: the mean of their squares. The gradient of a square is proportional to the activation; so the strongest are raised most, at each step. We begin with a small version of the picture, then larger ones (the *octaves*), to obtain large and small shapes (Mordvintsev, Olah and Tyka, 2015).
#
# Here is the network of photographs, which knows eleven things, the cat and the dog among them, before the photo of a cat. **Place your bet first**: what will it add? Then run the film back and forth, and find out:
#
# 1. what grows, and where? On the background too?
# 2. choose `conv1_1`: which motifs appear with the first layers? and those in the middle?
# 3. upload a photo without an animal: what appears in a wall, in a cloud?

# %% tags=["cover"]
dreaming = DreamLab("photos", "cat", layer="conv4_2")
dreaming

# %% [markdown] tags=["fr"]
# On peut aussi **guider** DeepDream : à chaque endroit, augmenter la ressemblance des activations avec celles d'une autre image. Avec les créatures, partons du chat et du chien, et guidons par un hibou :

# %% [markdown] tags=["en"]
# DeepDream can also be **guided**: at every place, raise the likeness of the activations to those of another picture. With the creatures, let us start from the cat and the dog, and guide by an owl:

# %%
pair = sample_image("creature-cat-dog")
guided = deep_dream(
    creatures, pair, layer="conv4_1", guide_image=sample_image("creature-owl"), octaves=3, steps=8, size=192
)
DescribedFigure(guided.show(), "10.dream_text")

# %% [markdown] tags=["fr"]
# ## Ce qu'il faut retenir
#
# - Maximiser une activation, c'est remonter le gradient du score jusqu'à l'image, et recommencer.
# - Sans régularisation on obtient du bruit, avec un score plus grand que celui de tous les chats essayés (10.1).
# - Les régularisations disent ce que l'on attend d'une image : peu de contraste inutile, des formes qui résistent aux déplacements, des fréquences basses et hautes. Le résultat dépend donc aussi de ces choix.
# - On vérifie que l'image fabriquée active son unité plus que chaque image du jeu (10.2), et on regarde aussi les images naturelles, qui aident souvent davantage.
# - DeepDream, c'est la même montée, partie d'une photo, pour toute une couche.
#
# ### Sources
#
# - Dumitru Erhan, Yoshua Bengio, Aaron Courville, Pascal Vincent, *Visualizing Higher-Layer Features of a Deep Network*, 2009.
# - Karen Simonyan, Andrea Vedaldi, Andrew Zisserman, *Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps*, 2013.
# - Aravindh Mahendran, Andrea Vedaldi, *Understanding Deep Image Representations by Inverting Them*, 2015, pour la variation totale.
# - Alexander Mordvintsev, Christopher Olah, Mike Tyka, *Inceptionism: Going Deeper into Neural Networks*, 2015.
# - Chris Olah, Alexander Mordvintsev, Ludwig Schubert, *Feature Visualization*, 2017.
# - Judy Borowski, Roland S. Zimmermann, Judith Schepers, Robert Geirhos, Thomas S. A. Wallis, Matthias Bethge, Wieland Brendel, *Exemplary Natural Images Explain CNN Activations Better than State-of-the-Art Feature Visualization*, 2021.
# - Robert Geirhos, Roland S. Zimmermann, Blair Bilodeau, Wieland Brendel, Been Kim, *Don't trust your eyes: on the (un)reliability of feature visualizations*, 2023.

# %% [markdown] tags=["en"]
# ## What to remember
#
# - To maximise an activation is to follow the gradient of the score back to the picture, and to begin again.
# - Without regularisation one gets noise, with a larger score than all the cats that were tried (10.1).
# - Regularisations say what is expected of a picture: little needless contrast, shapes that survive being moved, low and high frequencies. So the result depends on these choices too.
# - Check that the picture that was made activates its unit more than each picture of the set (10.2), and look at the natural pictures as well, which often help more.
# - DeepDream is the same ascent, begun at a photograph, for a whole layer.
#
# ### Sources
#
# - Dumitru Erhan, Yoshua Bengio, Aaron Courville, Pascal Vincent, *Visualizing Higher-Layer Features of a Deep Network*, 2009.
# - Karen Simonyan, Andrea Vedaldi, Andrew Zisserman, *Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps*, 2013.
# - Aravindh Mahendran, Andrea Vedaldi, *Understanding Deep Image Representations by Inverting Them*, 2015, for total variation.
# - Alexander Mordvintsev, Christopher Olah, Mike Tyka, *Inceptionism: Going Deeper into Neural Networks*, 2015.
# - Chris Olah, Alexander Mordvintsev, Ludwig Schubert, *Feature Visualization*, 2017.
# - Judy Borowski, Roland S. Zimmermann, Judith Schepers, Robert Geirhos, Thomas S. A. Wallis, Matthias Bethge, Wieland Brendel, *Exemplary Natural Images Explain CNN Activations Better than State-of-the-Art Feature Visualization*, 2021.
# - Robert Geirhos, Roland S. Zimmermann, Blair Bilodeau, Wieland Brendel, Been Kim, *Don't trust your eyes: on the (un)reliability of feature visualizations*, 2023.
