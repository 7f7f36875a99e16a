# ---
# jupyter:
#   course:
#     title:
#       fr: "Pour commencer"
#       en: "Start here"
#     minutes: 20
#     before: []
#     part: begin
#     level: 1
#     slides:
#       fr: "(avant les diapositives)"
#       en: "(before the slides)"
# ---

# %% [markdown] tags=["fr"]
# Ce cours parle d'une question simple à poser et difficile à clore : **pourquoi ce réseau de neurones a-t-il répondu cela ?**
#
# On y apprend en manipulant. Chaque notebook montre d'abord une image, la met entre vos mains, puis mesure ce qu'elle prétend. Les formules viennent ensuite, quand on en a envie. Vous aurez besoin d'un peu de Python et de NumPy, et de savoir ce qu'est un réseau de convolutions ; rien de plus.
#
# Dans les vingt prochaines minutes, vous allez :
#
# 1. vérifier que votre machine est prête ;
# 2. obtenir une première explication, en deux lignes ;
# 3. prendre en main les commandes d'un labo ;
# 4. faire deux petits exercices, pour voir comment ils vous répondent.

# %% [markdown] tags=["en"]
# This course is about a question that is easy to ask and hard to settle: **why did this neural network answer that?**
#
# You learn it by hand. Every notebook starts with a picture, lets you play with it, and then measures what it claims. The formulas come afterwards, once you want them. You need some Python and NumPy, and an idea of what a convolutional network is; nothing else.
#
# In the next twenty minutes you will:
#
# 1. check that your machine is ready;
# 2. get a first explanation, in two lines;
# 3. get to know the controls of a lab;
# 4. solve two small exercises, to see how they talk back.

# %% [markdown] tags=["fr"]
# ## Votre machine est-elle prête ?
#
# Exécutez la cellule qui suit : cliquez dessus, puis <kbd>Maj</kbd> + <kbd>Entrée</kbd>. La première fois, il faut compter quelques secondes : le réseau de neurones arrive avec toute sa bibliothèque de calcul.

# %% [markdown] tags=["en"]
# ## Is your machine ready?
#
# Run the next cell: click on it, then press <kbd>Shift</kbd> + <kbd>Enter</kbd>. The first time takes a few seconds, because a neural network brings a whole computing library with it.

# %% tags=["nbval-ignore-output"]
from xai_widgets.course import check_machine

check_machine()

# %% [markdown] tags=["fr"]
# Une ligne marquée ✗ dit ce qui manque et quoi faire. Pas de carte graphique ? Aucune importance : tout le cours tourne sur deux cœurs d'un processeur ordinaire.

# %% [markdown] tags=["en"]
# A line marked ✗ says what is missing and what to do about it. No graphics card? Never mind: the whole course runs on two cores of an ordinary processor.

# %% [markdown] tags=["fr"]
# ## Une première explication, en deux lignes
#
# Voici un chiffre écrit à la main, tout petit : 8 × 8 pixels. Le cours fournit un réseau entraîné à lire ces chiffres. Que lit-il ?

# %% [markdown] tags=["en"]
# ## A first explanation, in two lines
#
# Here is a handwritten digit, a tiny one: 8 × 8 pixels. The course ships a network trained to read such digits. What does it read?

# %%
from xai_widgets import explain, load_model, sample_image
from xai_widgets.course import ConceptTest, DescribedFigure, bet, calibration, say, settle

digits = load_model("digits")
three = sample_image("digit-3")
digits.predict(three)

# %% [markdown] tags=["fr"]
# Il est sûr de lui. Mais *qu'a-t-il regardé* ? Avant d'exécuter la suite, **pariez** : quels pixels faudrait-il retoucher pour le faire douter ? Choisissez, et dites à quel point vous en êtes sûr. Presque chaque notebook pose de telles questions ; à la fin, il dit combien de vos paris étaient justes, à côté de votre assurance. Vos paris restent sur cette machine.

# %% [markdown] tags=["en"]
# It is sure of itself. But *what did it look at*? Before you go on, **place your bet**: which pixels would you touch to make it doubt? Choose, and say how sure you are. Nearly every notebook asks such questions; at its end it says how many of your bets were right, beside how sure you were. Your bets stay on this machine.

# %%
bet("00.1", "00.bet.where", ["00.bet.strokes", "00.bet.background"])

# %%
explanation = explain(digits, three, "saliency")
DescribedFigure(explanation.show("sum"), str(explanation.recipe))

# %% [markdown] tags=["fr"]
# C'est une **carte de saillance** (Simonyan, Vedaldi et Zisserman, 2013) : pour chaque pixel, de combien le score de la classe changerait si l'on éclaircissait un tout petit peu ce pixel. En rouge, les pixels qui feraient monter le score ; en bleu, ceux qui le feraient baisser ; en blanc, ceux qui n'y changent rien. Sous l'image, une ligne donne la **recette** : la méthode, la classe expliquée, tout ce qu'il faut pour refaire la même carte.
#
# Regardez hors du tracé. Les pixels du fond comptent-ils aussi ? Mesurons leur part dans la carte.

# %% [markdown] tags=["en"]
# This is a **saliency map** (Simonyan, Vedaldi and Zisserman, 2013): for each pixel, by how much the score of the class would change if that pixel became a tiny bit brighter. Red: the pixels that would raise the score; blue: those that would lower it; white: those that change nothing. Under the picture, one line gives the **recipe**: the method, the class that is explained, all it takes to make the same map again.
#
# Look outside the strokes. Do pixels of the background count too? Let us measure their share of the map.

# %%
ink = digits.preprocess(three)[0, :, :, 0]
strength = explanation.heatmap()[0]
background = strength[ink == 0].sum() / strength.sum()
say("00.background", share=background, pixels=(ink == 0).sum())
settle("00.1", int(background > 0.5))

# %% [markdown] tags=["fr"]
# Un réseau ne dit pas seulement « il y a de l'encre ici », mais aussi « il n'y en a pas là » : de l'encre qui fermerait les boucles d'un 3 en ferait un 8.

# %% [markdown] tags=["en"]
# A network does not only say “there is ink here”, it also says “there is none there”: ink that closed the loops of a 3 would make it an 8.

# %% [markdown] tags=["fr"]
# ## Les commandes d'un labo
#
# Un *labo* est une image que l'on manipule. Celui-ci, que vous retrouverez au notebook 03, ajoute au chiffre une perturbation choisie exprès pour tromper le réseau. Essayez, dans cet ordre :
#
# - **Faites glisser ε.** L'image suit aussitôt ; les barres, qui donnent les probabilités, arrivent juste après. La touche <kbd>Tab</kbd> mène partout, les flèches avancent d'un pas, <kbd>Maj</kbd> + flèche de dix, <kbd>Début</kbd> et <kbd>Fin</kbd> vont aux bouts.
# - **Cliquez sur une barre** : c'est cette classe-là que le labo fait maintenant baisser.
# - **Survolez** une image : elle donne la valeur de chaque pixel.
# - **Changez d'attaque**, ou déposez votre propre image.

# %% [markdown] tags=["en"]
# ## The controls of a lab
#
# A *lab* is a picture to play with. This one, which you will meet again in notebook 03, adds to the digit a perturbation made on purpose to fool the network. Try, in this order:
#
# - **Drag ε.** The picture follows at once; the bars, which give the probabilities, come just after. <kbd>Tab</kbd> leads everywhere, the arrows go one step, <kbd>Shift</kbd> + arrow goes ten, <kbd>Home</kbd> and <kbd>End</kbd> go to the ends.
# - **Click on a bar**: that is the class whose score the lab now lowers.
# - **Point at** a picture: it tells the value of each pixel.
# - **Change the attack**, or bring a picture of your own.

# %%
from xai_widgets import AdversarialLab

lab = AdversarialLab(digits, "digit-3", epsilon=0.05)
lab

# %% [markdown] tags=["fr"]
# Tout ce que fait la souris, le code le fait aussi. Exécutez la cellule suivante et regardez le labo au-dessus.

# %% [markdown] tags=["en"]
# Whatever the mouse does, code does too. Run the next cell and watch the lab above.

# %%
lab.epsilon = 0.15

# %% [markdown] tags=["fr"]
# Si le labo reste vide, c'est que le noyau est arrêté ou qu'il vient d'être relancé : menu *Kernel*, *Restart Kernel and Run All Cells…*. Sans noyau du tout (sur GitHub, dans un PDF), il reste une image fixe.

# %% [markdown] tags=["en"]
# If the lab stays empty, the kernel is stopped or was just restarted: menu *Kernel*, *Restart Kernel and Run All Cells…*. With no kernel at all (on GitHub, in a PDF), a still picture stays.

# %% [markdown] tags=["fr"]
# ## Comment marchent les exercices
#
# Un exercice, c'est deux cellules : celle où vous écrivez, et celle qui vérifie. La vérification ne compare pas votre réponse à une réponse enregistrée : elle essaie votre code sur des données tirées au hasard à chaque fois. Quand c'est faux, elle cherche à dire **pourquoi**. Elle ne vous en veut jamais, essayez autant que vous voulez.
#
# | Vous êtes | Appelez |
# |---|---|
# | prêt à vérifier | `exercise("00.margin").check(margin)` |
# | en panne | `exercise("00.margin").hint()`, et encore, jusqu'au dernier indice |
# | au bout de vos idées | `exercise("00.margin").solution()` |
#
# ### Exercice 1 : le réseau hésite-t-il ?
#
# Une probabilité de 51 % n'a pas le même sens si la suivante est à 49 % ou à 5 %. La **marge** est l'écart entre la meilleure probabilité et la deuxième. Écrivez `margin(probabilities)`, où `probabilities` a une ligne par image et une colonne par classe, et qui renvoie une marge par image.

# %% [markdown] tags=["en"]
# ## How exercises work
#
# An exercise is two cells: one where you write, one that checks. The check does not compare your answer with a recorded one: it tries your code on data drawn at random each time. When something is wrong, it tries to say **why**. It never holds it against you, so try as often as you like.
#
# | You are | Call |
# |---|---|
# | ready to check | `exercise("00.margin").check(margin)` |
# | stuck | `exercise("00.margin").hint()`, and again, up to the last hint |
# | out of ideas | `exercise("00.margin").solution()` |
#
# ### Exercise 1: does the network hesitate?
#
# A probability of 51% does not mean the same when the next one is 49% or 5%. The **margin** is the gap between the best probability and the second best. Write `margin(probabilities)`, where `probabilities` has a row for each picture and a column for each class, and which returns one margin for each picture.

# %%
import numpy as np

from xai_widgets.course import exercise


# %% exercise="00.margin"
def margin(probabilities):
    ### BEGIN SOLUTION
    # fr: Du plus petit au plus grand, ligne par ligne : les deux meilleures sont à la fin.
    # en: From the smallest to the largest, row by row: the two best are at the end.
    ranked = np.sort(probabilities, axis=1)
    return ranked[:, -1] - ranked[:, -2]
    ### END SOLUTION


# %% check="00.margin" points=1
ex = exercise("00.margin")
ex.check(margin)

# %% [markdown] tags=["fr"]
# Un indice, pour voir à quoi cela ressemble ? Chaque appel en donne un de plus.

# %% [markdown] tags=["en"]
# A hint, to see what it looks like? Each call gives one more.

# %%
ex.hint(1)

# %% [markdown] tags=["fr"]
# Une fois l'exercice réussi, votre fonction sert à quelque chose : sur les chiffres de test, que le réseau n'a jamais vus, où hésite-t-il le plus ?

# %% [markdown] tags=["en"]
# Once it passes, your function earns its keep: among the test digits, which the network has never seen, where does it hesitate most?

# %%
from xai_widgets.datasets.pictures.samples import digits_split

x, labels = digits_split("test")
answers = digits.predict(x)

if exercise("00.margin").passed:
    margins = margin(np.asarray(answers))
    least = int(np.argmin(margins))
    first, second = answers.top(2)[least]
    say("00.hesitates", first=first.label, second=second.label, margin=margins[least], truth=labels[least])
    wrong, close = answers.classes != labels, margins < 0.5
    say("00.errors", low=wrong[close].sum(), few=close.sum(), high=wrong[~close].sum(), many=(~close).sum())
else:
    say("00.margin_first")

# %% [markdown] tags=["fr"]
# ### Exercice 2 : le pixel qui pèse le plus
#
# Revenons à la carte de saillance. Ses valeurs ont un signe. Écrivez `strongest_pixel(values)`, qui reçoit une carte de forme (hauteur, largeur) et renvoie la ligne et la colonne du pixel qui compte le plus, dans un sens ou dans l'autre.

# %% [markdown] tags=["en"]
# ### Exercise 2: the pixel that weighs most
#
# Back to the saliency map. Its values have a sign. Write `strongest_pixel(values)`, which is given a map of shape (height, width) and returns the row and the column of the pixel that counts most, one way or the other.


# %% exercise="00.strongest_pixel"
def strongest_pixel(values):
    ### BEGIN SOLUTION
    # fr: La force n'a pas de signe ; argmax compte les pixels à la file, unravel_index les remet en lignes.
    # en: Strength has no sign; argmax counts the pixels in one line, unravel_index puts them back in rows.
    number = np.argmax(np.abs(values))
    return np.unravel_index(number, values.shape)
    ### END SOLUTION


# %% check="00.strongest_pixel" points=1
exercise("00.strongest_pixel").check(strongest_pixel)

# %% [markdown] tags=["fr"]
# Ce pixel compte-t-il vraiment ? Une explication est une affirmation, et une affirmation se vérifie : touchons à ce pixel, puis à tous les autres tour à tour, et regardons le score.

# %% [markdown] tags=["en"]
# Does that pixel really count? An explanation is a claim, and a claim can be tested: let us touch that pixel, then all the others in turn, and watch the score.

# %%
if exercise("00.strongest_pixel").passed:
    values = explanation.values[0, :, :, 0]
    row, column = strongest_pixel(values)
    picture = digits.preprocess(three)
    step = 0.01
    nudged = np.repeat(picture, 64, axis=0)
    nudged.reshape(64, 64)[np.arange(64), np.arange(64)] += step
    effects = np.abs(digits.logits(nudged) - digits.logits(picture))[:, digits.index("3")].reshape(8, 8)
    rank = 1 + int(np.sum(effects > effects[row, column]))
    say("00.pixel", row=int(row), column=int(column), effect=effects[row, column], rank=rank)
else:
    say("00.pixel_first")

# %% [markdown] tags=["fr"]
# La carte disait vrai, pour de **petits** changements. C'est tout ce que promet un gradient. Pour de plus grands, il faudra d'autres méthodes, et c'est une bonne partie du cours.

# %% [markdown] tags=["en"]
# The map told the truth, for **small** changes. That is all a gradient promises. For larger ones other methods are needed, and they are a good part of this course.

# %%
calibration()

# %% [markdown] tags=["fr"]
# ## Que savez-vous déjà ?
#
# Vingt questions, une réponse à chacune. Les mêmes vous attendent à la fin du cours (notebook `14_debug_a_model`) : vous verrez ce que vous avez appris. Sautez-les si vous préférez ; rien n'en dépend.

# %% [markdown] tags=["en"]
# ## What do you know already?
#
# Twenty questions, one answer each. The same ones await you at the end of the course (notebook `14_debug_a_model`): you will see what you have learnt. Skip them if you like; nothing depends on them.

# %%
ConceptTest("before")

# %% [markdown] tags=["fr"]
# ## Où aller maintenant
#
# - Le [notebook 01](01_motivation.ipynb) dit à quoi sert d'expliquer : un réseau presque parfait y est pris en faute.
# - Le [notebook 02](02_convnet_recap.ipynb) rappelle, nombre par nombre, ce que calcule un réseau de convolutions. Vous le savez déjà ? Passez.
# - Le [notebook 03](03_adversarial.ipynb) explique ce que le labo vient de vous montrer : pourquoi un réseau change d'avis pour si peu.
# - Pour expliquer votre propre modèle Keras : `explain(votre_modele, "photo.jpg", "saliency")`.
#
# ### Sources
#
# - Karen Simonyan, Andrea Vedaldi, Andrew Zisserman, *Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps*, 2013.
# - Ethem Alpaydin, Cenk Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998, pour les chiffres.

# %% [markdown] tags=["en"]
# ## Where to go now
#
# - [Notebook 01](01_motivation.ipynb) says what explaining is good for: it catches a nearly perfect network out.
# - [Notebook 02](02_convnet_recap.ipynb) recalls, number by number, what a convolutional network computes. You know that already? Skip it.
# - [Notebook 03](03_adversarial.ipynb) explains what the lab has just shown you: why a network changes its mind for so little.
# - To explain your own Keras model: `explain(your_model, "photo.jpg", "saliency")`.
#
# ### Sources
#
# - Karen Simonyan, Andrea Vedaldi, Andrew Zisserman, *Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps*, 2013.
# - Ethem Alpaydin, Cenk Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998, for the digits.
