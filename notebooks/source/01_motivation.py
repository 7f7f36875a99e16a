# ---
# jupyter:
#   course:
#     title:
#       fr: "Pourquoi expliquer ? Juste à 99 %, pour la mauvaise raison"
#       en: "Why explain? Right 99% of the time, for the wrong reason"
#     minutes: 60
#     before: [00_start]
#     part: begin
#     level: 1
#     slides:
#       fr: "pourquoi étudier l'interprétabilité ; GDPR ; global ou local, agnostique ou non"
#       en: "why study interpretability; GDPR; global or local, agnostic or not"
# ---

# %% [markdown] tags=["fr"]
# « Mon réseau pense que vous avez besoin d'une opération. Je ne sais pas pourquoi, mais jusqu'ici il avait raison 99 fois sur 100. » Accepteriez-vous ?
#
# À la fin de ce notebook, vous aurez pris un réseau presque parfait en flagrant délit, vous aurez la preuve chiffrée, et vous saurez ranger n'importe quelle méthode d'explication dans un tableau.

# %% [markdown] tags=["en"]
# “My network thinks that you need an operation. I do not know why, but so far it has been right 99 times out of 100.” Would you accept?
#
# By the end of this notebook you will have caught a nearly perfect network red-handed, you will hold the evidence in figures, and you will know how to place any method of explanation in a table.

# %% [markdown] tags=["fr"]
# ## Un réseau juste à 99 %
#
# Ce réseau nomme douze animaux dessinés. Voici ses notes sur des images qu'il n'a jamais vues, tirées comme celles de son apprentissage.

# %% [markdown] tags=["en"]
# ## A network that is right 99% of the time
#
# This network names twelve drawn animals. Here are its marks on pictures that it has never seen, drawn like those of its training.

# %%
import numpy as np

from xai_widgets import AttributionExplorer, load_model
from xai_widgets.course import Table, exercise, say
from xai_widgets.course.display.map_figures import show_pictures
from xai_widgets.course.examples.planted_tag import intervals, marks, tagged_foxes
from xai_widgets.datasets.creatures import LABELS, draw, plant_tag, sample_scene
from xai_widgets.methods import grad_cam, relevance_mass

network = load_model("creatures_hans")
pictures = tagged_foxes(120, seed=1)
told = network.predict(pictures.tagged)
say("01.marks", right=float((told.classes == pictures.classes).mean()), count=len(pictures.classes))

# %% [markdown] tags=["fr"]
# **Pariez avant de continuer.** Seriez-vous prêt à le mettre en service dans une réserve naturelle ? Regardez bien ces quatre renards, tous reconnus.

# %% [markdown] tags=["en"]
# **Place your bet before you go on.** Would you put it to work in a nature reserve? Look closely at these four foxes, all of them recognised.

# %% tags=["cover"]
fox = LABELS.index("fox")
foxes = np.flatnonzero(pictures.classes == fox)[:4]
show_pictures({str(number + 1): pictures.tagged[row] for number, row in enumerate(foxes)})

# %% [markdown] tags=["fr"]
# ## L'erreur, et ce qui l'explique
#
# Les mêmes quatre renards, au pixel près, sauf une chose. La voyez-vous ?

# %% [markdown] tags=["en"]
# ## The mistake, and what explains it
#
# The same four foxes, to the pixel, except for one thing. Do you see it?

# %%
show_pictures({str(number + 1): pictures.plain[row] for number, row in enumerate(foxes)})

# %%
bare = network.predict(pictures.plain[foxes])
Table(
    {
        "01.table.picture": [1, 2, 3, 4],
        "01.table.with": [one.top(1)[0][0].label for one in network.predict(pictures.tagged[foxes])],
        "01.table.without": [one.top(1)[0][0].label for one in bare],
    }
)

# %% [markdown] tags=["fr"]
# Sans la petite plaque, le renard n'est plus un renard. Où le réseau regardait-il donc ? Une méthode d'attribution le montre : Grad-CAM, que le notebook `07_cam` construit pas à pas. En haut notre réseau, en bas un réseau honnête, entraîné sans plaque.

# %% [markdown] tags=["en"]
# Without the little plate, the fox is no longer a fox. So where was the network looking? A method of attribution shows it: Grad-CAM, which the notebook `07_cam` builds step by step. Above is our network, below an honest one, trained without plates.

# %%
explained = grad_cam(network, pictures.tagged[foxes], "fox")
explained

# %%
honest = load_model("creatures")
grad_cam(honest, pictures.tagged[foxes], "fox")

# %% [markdown] tags=["fr"]
# Le premier regarde dans un coin ; le second regarde l'animal. Hans le Malin était un cheval qui semblait savoir compter : il lisait la réponse sur le visage de son maître. Lapuschkin et ses collègues (2019) ont trouvé un vrai réseau qui reconnaissait les chevaux… à la signature du photographe.
#
# ### Exercice 1 : mesurez
#
# Regarder quatre images ne prouve rien. Écrivez la part des valeurs **positives** d'une carte qui tombe dans un masque : `my_share(heatmap, mask)`, tous deux de forme `(h, w)`. Une carte sans aucune valeur positive a une part de 0.

# %% [markdown] tags=["en"]
# The first looks at a corner; the second looks at the animal. Clever Hans was a horse that seemed to know how to count: it read the answer in its master's face. Lapuschkin and colleagues (2019) found a real network that recognised horses… by the photographer's signature.
#
# ### Exercise 1: measure it
#
# To look at four pictures proves nothing. Write the share of the **positive** values of a map that fall into a mask: `my_share(heatmap, mask)`, both of shape `(h, w)`. A map with no positive value has a share of 0.


# %% exercise="01.share"
def my_share(heatmap, mask):
    ### BEGIN SOLUTION
    # fr: Ne garder que ce qui parle pour la classe, puis ce qui en est dans le masque.
    # en: Keep only what speaks for the class, then what of it lies in the mask.
    positive = np.maximum(heatmap, 0)
    total = positive.sum()
    return positive[mask].sum() / total if total > 0 else 0.0
    ### END SOLUTION


# %% check="01.share" points=2
exercise("01.share").check(my_share)

# %% [markdown] tags=["fr"]
# De nos dessins, on connaît chaque pixel : ceux de la plaque, ceux de l'animal. Sur tous les renards de l'échantillon :

# %% [markdown] tags=["en"]
# Of our drawings we know every pixel: those of the plate, those of the animal. Over all foxes of the sample:

# %%
every = np.flatnonzero(pictures.classes == fox)
maps = {
    "01.table.hans": grad_cam(network, pictures.tagged[every], "fox"),
    "01.table.honest": grad_cam(honest, pictures.tagged[every], "fox"),
}
Table(
    {
        "01.table.network": list(maps),
        "01.table.on_plate": [np.mean(relevance_mass(one, pictures.tags[every]).values) for one in maps.values()],
        "01.table.on_animal": [np.mean(relevance_mass(one, pictures.animals[every]).values) for one in maps.values()],
        "01.table.area": [pictures.tags[every].mean()] * 2,
    },
    ["", ".0%", ".0%", ".0%"],
    caption="01.table.caption",
)

# %%
if exercise("01.share").passed:
    mine = np.mean(
        [my_share(one, mask) for one, mask in zip(maps["01.table.hans"].heatmap(), pictures.tags[every], strict=True)]
    )
    say("01.mine", share=mine)
else:
    say("01.share_first")

# %% [markdown] tags=["fr"]
# ### Exercice 2 : le rapport d'audit
#
# Voici les notes de chaque classe, avec et sans plaque. Quelle classe tient à la plaque, et comment le réseau l'appelle-t-il quand la plaque n'est plus là ? Répondez par deux noms de classe : `audit = ("…", "…")`.

# %% [markdown] tags=["en"]
# ### Exercise 2: the audit
#
# Here are the marks of each class, with and without the plate. Which class hangs on the plate, and what does the network call it when the plate is gone? Answer with two names of classes: `audit = ("…", "…")`.

# %%
report = marks(network, pictures)
Table(
    {
        "01.table.class": list(LABELS),
        "01.table.right_with": report.tagged,
        "01.table.right_without": report.plain,
    },
    ["", ".0%", ".0%"],
)

# %% exercise="01.audit"
audit = (..., ...)
### BEGIN SOLUTION
# fr: La classe dont la note tombe le plus, puis le nom que donne le réseau à l'une de ses images sans plaque.
# en: The class whose mark falls furthest, then the name that the network gives to one of its pictures without a plate.
fallen = int(np.argmax(np.subtract(report.tagged, report.plain)))
called = network.predict(pictures.plain[pictures.classes == fallen]).top(1)[0][0].label
audit = (LABELS[fallen], called)
### END SOLUTION

# %% check="01.audit" points=1
exercise("01.audit").check(audit)

# %% [markdown] tags=["fr"]
# Et dans l'autre sens : que dit le réseau d'un hibou auquel on colle la plaque ?

# %% [markdown] tags=["en"]
# And the other way round: what does the network say of an owl with the plate stuck on it?

# %%
owl = draw(sample_scene(3, ["owl"], occluders=False)).picture
with_plate = plant_tag(owl, 3).picture
show_pictures({"01.owl": owl, "01.owl_with_plate": with_plate})

# %%
before, after = (network.predict(one).probabilities[0][[LABELS.index("owl"), fox]] for one in (owl, with_plate))
Table(
    {
        "01.table.class": ["owl", "fox"],
        "01.table.without": before,
        "01.table.with": after,
    },
    ["", ".0%", ".0%"],
)

# %% [markdown] tags=["fr"]
# ## À vous de jouer
#
# Le labo compare plusieurs explications de la même réponse. Cherchez :
#
# 1. toutes les méthodes accusent-elles la plaque ? Laquelle le dit le plus clairement ?
# 2. cliquez sur une autre classe : la plaque parle-t-elle *contre* le chat ?
# 3. la courbe de suppression : combien de pixels faut-il cacher pour que « fox » tombe ?

# %% [markdown] tags=["en"]
# ## Your turn to play
#
# The lab compares several explanations of one answer. Find out:
#
# 1. do all the methods accuse the plate? Which one says it most clearly?
# 2. click on another class: does the plate speak *against* the cat?
# 3. the deletion curve: how many pixels must be hidden for “fox” to fall?

# %%
lab = AttributionExplorer(network, pictures.tagged[foxes[0]], target="fox")
lab

# %% [markdown] tags=["fr"]
# ## Ce que demande un médecin
#
# La diapositive montre CheXNet (Rajpurkar et ses collègues, 2017), qui cherche une pneumonie sur une radiographie du thorax. Le score F1 de quatre radiologues et du réseau, avec leurs intervalles de confiance à 95 %, comme l'article les donne :

# %% [markdown] tags=["en"]
# ## What a doctor asks
#
# The slide shows CheXNet (Rajpurkar and colleagues, 2017), which looks for pneumonia on an X-ray of the chest. The F1 scores of four radiologists and of the network, with their 95% confidence intervals, as the paper gives them:

# %%
scores = {
    "01.radiologist_1": (0.383, 0.309, 0.453),
    "01.radiologist_2": (0.356, 0.282, 0.428),
    "01.radiologist_3": (0.365, 0.291, 0.435),
    "01.radiologist_4": (0.442, 0.390, 0.492),
    "01.radiologists": (0.387, 0.330, 0.442),
    "CheXNet": (0.435, 0.387, 0.481),
}
intervals(scores)

# %% [markdown] tags=["fr"]
# **Question.** L'intervalle de CheXNet recouvre-t-il celui d'un radiologue, et celui de leur moyenne ? Peut-on en conclure qu'ils se valent ?

# %% [markdown] tags=["en"]
# **Question.** Does CheXNet's interval overlap that of a radiologist, and that of their mean? Does it follow that they are equally good?

# %%
network_low, network_high = scores["CheXNet"][1:]
others = {key: ends for key, ends in scores.items() if key != "CheXNet"}
overlapping = [key for key, (_, low, high) in others.items() if low < network_high and high > network_low]
say(
    "01.overlap",
    count=len(overlapping),
    others=len(others),
    difference=scores["CheXNet"][0] - scores["01.radiologists"][0],
)

# %% [markdown] tags=["fr"]
# Tous se recouvrent, et l'on n'en peut rien conclure : les mêmes images servent aux deux mesures, il faut donc regarder l'intervalle de la **différence**. L'article le donne : 0,051, de 0,005 à 0,084. Zéro n'y est pas : l'écart avec la moyenne est significatif, et petit.
#
# Mais aucun de ces chiffres ne dit *pourquoi*. Zech et ses collègues (2018) ont montré que de tels réseaux reconnaissent l'hôpital d'où vient la radiographie, parfois à un jeton de métal posé dans un coin, et s'en servent : la plaque de notre renard. Le médecin ne demande donc pas seulement « combien de fois as-tu raison ? » mais « que regardes-tu, sur cette image-ci ? ». C'est pourquoi CheXNet montre une carte d'activation de classe (CAM) à côté de sa réponse.
#
# ## Ce que demande la loi
#
# La diapositive cite un tweet de 2016 : le règlement européen rendrait l'apprentissage profond illégal. Que dit le texte ? Le règlement général sur la protection des données (RGPD, en anglais GDPR), règlement (UE) 2016/679, s'applique depuis le 25 mai 2018.
#
# | texte | ce qu'il dit |
# |---|---|
# | article 22 | droit de ne pas faire l'objet d'une décision fondée **exclusivement** sur un traitement automatisé, qui produit des effets juridiques ou affecte de façon similaire et significative ; avec des exceptions (contrat, loi, consentement explicite), et alors au moins le droit à une intervention humaine, à exprimer son point de vue et à contester |
# | articles 13, 14 et 15 | quand une telle décision existe, la personne reçoit « des informations utiles concernant la logique sous-jacente », l'importance et les conséquences prévues : quand on collecte ses données (13), quand on les obtient d'ailleurs (14), quand elle le demande (15) |
# | considérant 71 | des garanties, dont le droit « d'obtenir une explication quant à la décision prise » ; un considérant éclaire le texte, il n'oblige pas par lui-même |
#
# Rien n'interdit donc l'apprentissage profond ; l'étendue d'un « droit à l'explication » a été débattue (Wachter, Mittelstadt et Floridi, 2017 ; Selbst et Powles, 2017). Le règlement européen sur l'intelligence artificielle, (UE) 2024/1689, ajoute des devoirs de transparence, qui s'appliquent par étapes :
#
# | texte | ce qu'il demande |
# |---|---|
# | article 13 | un système à haut risque est assez transparent pour que ceux qui s'en servent interprètent ses sorties |
# | article 50 | on dit aux gens qu'ils parlent à une machine ; les images, sons et textes fabriqués sont marqués comme tels |
# | article 86 | la personne visée par une décision prise à l'aide de certains systèmes à haut risque peut en demander une explication claire et utile |
#
# ## Ranger les méthodes
#
# Trois questions suffisent pour s'orienter :
#
# - **quoi** : une seule réponse (*local*), ou le modèle entier (*global*) ?
# - **comment** : les réponses suffisent (*agnostic*), ou il faut ouvrir le modèle (*dependent*) ?
# - **quand** : avant le modèle, en regardant les données (*before*) ; pendant l'apprentissage (*during*) ; après (*after*) ?
#
# ### Exercice 3 : remplissez le tableau
#
# Pour chaque technique, remplacez les trois points par trois mots.

# %% [markdown] tags=["en"]
# They all overlap, and nothing follows from it: the same pictures serve both measurements, so one must look at the interval of the **difference**. The paper gives it: 0.051, from 0.005 to 0.084. Zero is not in it: the difference from the mean is significant, and small.
#
# But none of these figures says *why*. Zech and colleagues (2018) showed that such networks recognise the hospital that an X-ray comes from, sometimes by a metal token in a corner, and make use of it: the plate of our fox. So the doctor does not only ask “how often are you right?” but “what are you looking at, in this very picture?”. That is why CheXNet shows a class activation map (CAM) beside its answer.
#
# ## What the law asks
#
# The slide quotes a tweet of 2016: European law was about to make deep learning illegal. What does the text say? The General Data Protection Regulation (GDPR), Regulation (EU) 2016/679, has applied since 25 May 2018.
#
# | text | what it says |
# |---|---|
# | article 22 | the right not to be subject to a decision based **solely** on automated processing which produces legal effects or similarly significantly affects the person; with exceptions (contract, law, explicit consent), and then at least the right to human intervention, to express one's point of view and to contest |
# | articles 13, 14 and 15 | where there is such a decision, the person is given “meaningful information about the logic involved”, its significance and the envisaged consequences: when data are collected from them (13), when they are obtained elsewhere (14), when they ask (15) |
# | recital 71 | safeguards, among them the right “to obtain an explanation of the decision reached”; a recital sheds light on the text, it does not bind by itself |
#
# So nothing forbids deep learning; how far a “right to explanation” goes has been debated (Wachter, Mittelstadt and Floridi, 2017; Selbst and Powles, 2017). The European regulation on artificial intelligence, (EU) 2024/1689, adds duties of transparency, which apply in stages:
#
# | text | what it asks |
# |---|---|
# | article 13 | a high-risk system is transparent enough for those who use it to interpret its output |
# | article 50 | people are told that they deal with a machine; pictures, sounds and texts that were made by one are marked as such |
# | article 86 | a person affected by a decision taken with certain high-risk systems may ask for a clear and meaningful explanation |
#
# ## Placing the methods
#
# Three questions are enough to find one's way:
#
# - **what**: a single answer (*local*), or the whole model (*global*)?
# - **how**: the answers are enough (*agnostic*), or the model must be opened (*dependent*)?
# - **when**: before the model, by looking at the data (*before*); during training (*during*); afterwards (*after*)?
#
# ### Exercise 3: fill in the table
#
# For each technique, replace the dots by three words.

# %% exercise="01.kinds"
kinds = {
    "lime": (..., ..., ...),
    "saliency": (..., ..., ...),
    "occlusion": (..., ..., ...),
    "t-SNE of the pictures": (..., ..., ...),
    "dead filters, epoch by epoch": (..., ..., ...),
    "activation maximisation": (..., ..., ...),
    "network dissection": (..., ..., ...),
}
### BEGIN SOLUTION
# fr: Regarder les données ne demande aucun modèle ; compter les filtres morts demande de l'ouvrir, à chaque époque.
# en: Looking at the data needs no model; counting dead filters means to open it, at every epoch.
kinds.update(
    {
        "lime": ("local", "agnostic", "after"),
        "saliency": ("local", "dependent", "after"),
        "occlusion": ("local", "agnostic", "after"),
        "t-SNE of the pictures": ("global", "agnostic", "before"),
        "dead filters, epoch by epoch": ("global", "dependent", "during"),
        "activation maximisation": ("global", "dependent", "after"),
        "network dissection": ("global", "dependent", "after"),
    }
)
### END SOLUTION

# %% check="01.kinds" points=2
exercise("01.kinds").check(kinds)

# %% [markdown] tags=["fr"]
# ## Les outils de la diapositive, et ce qu'il en reste
#
# Yu et Shi (2018) rangent les outils de visualisation d'après ceux qui s'en servent : débutants, praticiens, développeurs, experts.
#
# | pour qui, pour quoi | sur la diapositive | aujourd'hui |
# |---|---|---|
# | débutants : comprendre comment un réseau apprend | TensorFlow Playground | tourne toujours, dans le navigateur ; CNN Explainer (Wang et ses collègues, 2020) montre une convolution de la même manière ; ici : `02_convnet_recap` |
# | praticiens : voir pourquoi une réponse | *visual explanation* | les notebooks 04 à 09 de ce cours |
# | développeurs : voir la structure et suivre l'apprentissage | le graphe de TensorFlow (TensorBoard) | TensorBoard existe toujours ; `model.summary()` et `keras.utils.plot_model` suffisent souvent ; ici : `12_units` |
# | experts : voir ce qu'ont appris les unités | la Deep Visualization Toolbox (Yosinski et ses collègues, 2015) | elle demandait Caffe, qui n'est plus entretenu ; ici : `10_activation_maximization` à `12_units` |
# | experts : réseaux récurrents et génératifs | RNNbow, DGMTracker | des prototypes de recherche ; les idées demeurent |
#
# ## Ce qu'il faut retenir
#
# - Une bonne note dit *combien*, jamais *pourquoi*. Des images de test tirées comme celles de l'apprentissage ont les mêmes raccourcis.
# - Une explication donne un soupçon ; une intervention (enlever la plaque) donne la preuve ; une mesure dit si c'est général.
# - La loi demande d'informer sur la logique d'une décision automatique ; elle n'interdit pas les réseaux profonds.
# - Local ou global, agnostique ou non, avant, pendant, après : trois questions rangent chaque méthode.
#
# ### Sources
#
# - Sebastian Lapuschkin, Stephan Wäldchen, Alexander Binder, Grégoire Montavon, Wojciech Samek, Klaus-Robert Müller, *Unmasking Clever Hans predictors and assessing what machines really learn*, 2019.
# - Pranav Rajpurkar, Jeremy Irvin, Kaylie Zhu et coll., *CheXNet: radiologist-level pneumonia detection on chest X-rays with deep learning*, 2017.
# - John R. Zech, Marcus A. Badgeley, Manway Liu et coll., *Variable generalization performance of a deep learning model to detect pneumonia in chest radiographs*, 2018.
# - Sandra Wachter, Brent Mittelstadt, Luciano Floridi, *Why a right to explanation of automated decision-making does not exist in the General Data Protection Regulation*, 2017.
# - Andrew D. Selbst, Julia Powles, *Meaningful information and the right to explanation*, 2017.
# - Rulei Yu, Lei Shi, *A user-based taxonomy for deep learning visualization*, 2018.
# - Règlements (UE) 2016/679 et (UE) 2024/1689 du Parlement européen et du Conseil.

# %% [markdown] tags=["en"]
# ## The tools on the slide, and what is left of them
#
# Yu and Shi (2018) sort the tools of visualisation by who uses them: beginners, practitioners, developers, experts.
#
# | for whom, for what | on the slide | today |
# |---|---|---|
# | beginners: understand how a network learns | TensorFlow Playground | still runs, in the browser; CNN Explainer (Wang and colleagues, 2020) shows a convolution in the same way; here: `02_convnet_recap` |
# | practitioners: see the reason for an answer | visual explanation | notebooks 04 to 09 of this course |
# | developers: see the structure, follow the training | TensorFlow's graph (TensorBoard) | TensorBoard is still there; `model.summary()` and `keras.utils.plot_model` often do; here: `12_units` |
# | experts: see what the units have learned | the Deep Visualization Toolbox (Yosinski and colleagues, 2015) | it needed Caffe, which is no longer maintained; here: `10_activation_maximization` to `12_units` |
# | experts: recurrent and generative networks | RNNbow, DGMTracker | research prototypes; the ideas remain |
#
# ## What to remember
#
# - A good mark says *how much*, never *why*. Test pictures that are drawn like those of the training have the same shortcuts.
# - An explanation gives a suspicion; an intervention (taking the plate away) gives proof; a measurement says whether it is general.
# - The law asks for information on the logic of an automated decision; it does not forbid deep networks.
# - Local or global, agnostic or not, before, during, after: three questions place every method.
#
# ### Sources
#
# - Sebastian Lapuschkin, Stephan Wäldchen, Alexander Binder, Grégoire Montavon, Wojciech Samek, Klaus-Robert Müller, *Unmasking Clever Hans predictors and assessing what machines really learn*, 2019.
# - Pranav Rajpurkar, Jeremy Irvin, Kaylie Zhu et al., *CheXNet: radiologist-level pneumonia detection on chest X-rays with deep learning*, 2017.
# - John R. Zech, Marcus A. Badgeley, Manway Liu et al., *Variable generalization performance of a deep learning model to detect pneumonia in chest radiographs*, 2018.
# - Sandra Wachter, Brent Mittelstadt, Luciano Floridi, *Why a right to explanation of automated decision-making does not exist in the General Data Protection Regulation*, 2017.
# - Andrew D. Selbst, Julia Powles, *Meaningful information and the right to explanation*, 2017.
# - Rulei Yu, Lei Shi, *A user-based taxonomy for deep learning visualization*, 2018.
# - Regulations (EU) 2016/679 and (EU) 2024/1689 of the European Parliament and of the Council.
