# ---
# jupyter:
#   course:
#     title:
#       fr: "Pourquoi expliquer ? Un réseau juste, pour la mauvaise raison"
#       en: "Why explain? A network that is right for the wrong reason"
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
# À la fin de ce notebook, vous aurez trouvé le raccourci d'un réseau sans erreur, vous l'aurez mesuré, et vous saurez ranger n'importe quelle méthode d'explication dans un tableau.

# %% [markdown] tags=["en"]
# “My network thinks that you need an operation. I do not know why, but so far it has been right 99 times out of 100.” Would you accept?
#
# By the end of this notebook you will have found the shortcut of a network without an error, you will have measured it, and you will know how to place any method of explanation in a table.

# %% [markdown] tags=["fr"]
# ## Deux mots
#
# La diapositive emploie deux mots, que les auteurs ne distinguent pas tous de la même façon. Dans ce cours :
#
# - un modèle est **interprétable** si une personne peut suivre elle-même le calcul qui mène des entrées à la réponse : un arbre de décision de quelques feuilles, une régression logistique de quelques poids ;
# - un modèle est **explicable** si une autre méthode, appliquée après coup, donne une description de ses réponses qu'une personne comprend. L'explication n'est pas le modèle : elle peut lui être infidèle, et il faut le mesurer.
#
# ## Un réseau sans erreur
#
# Ce réseau nomme douze animaux dessinés. Voici ses notes sur des images qu'il n'a jamais vues, tirées comme celles de son apprentissage.

# %% [markdown] tags=["en"]
# ## Two words
#
# The slide uses two words, which not all authors tell apart in the same way. In this course:
#
# - a model is **interpretable** if a person can follow the computation from the inputs to the answer: a decision tree of a few leaves, a logistic regression of a few weights;
# - a model is **explainable** if another method, applied afterwards, gives a description of its answers that a person understands. The explanation is not the model: it may be unfaithful to it, and that has to be measured.
#
# ## A network without an error
#
# This network names twelve drawn animals. Here are its marks on pictures that it has never seen, drawn like those of its training.

# %%
import numpy as np

from xai_widgets import AttributionExplorer, load_model
from xai_widgets.course import Table, claim, exercise, interval_of, say
from xai_widgets.course.display.map_figures import show_pictures
from xai_widgets.course.examples.planted_tag import intervals, marks, tagged_foxes
from xai_widgets.datasets.creatures import LABELS, draw, plant_tag, sample_scene
from xai_widgets.methods import grad_cam, pointing_game, relevance_mass

network = load_model("creatures_hans")
pictures = tagged_foxes(120, seed=1)
told = network.predict(pictures.tagged)
claim("01.1", "01.claim.right", told.classes == pictures.classes, at_least=0.9, chance=1 / len(LABELS))

# %% [markdown] tags=["fr"]
# **Pariez avant de continuer.** Aucune erreur sur 120 images : l'intervalle dit ce que cela permet d'affirmer. Seriez-vous prêt à le mettre en service dans une réserve naturelle ? Regardez bien ces quatre renards, tous reconnus.

# %% [markdown] tags=["en"]
# **Place your bet before you go on.** No error on 120 pictures: the interval says what may be concluded from that. Would you put it to work in a nature reserve? Look closely at these four foxes, all of them recognised.

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
# Sans la petite plaque, aucun de ces renards n'est plus reconnu. De quels pixels la réponse dépendait-elle ? Une méthode d'attribution donne une indication : Grad-CAM, que le notebook `07_cam` construit pas à pas. En haut notre réseau, en bas un réseau honnête, entraîné sans plaque.

# %% [markdown] tags=["en"]
# Without the little plate, none of these foxes is recognised any more. On which pixels did the answer depend? A method of attribution gives an indication: Grad-CAM, which the notebook `07_cam` builds step by step. Above is our network, below an honest one, trained without plates.

# %%
explained = grad_cam(network, pictures.tagged[foxes], "fox")
explained

# %%
honest = load_model("creatures")
grad_cam(honest, pictures.tagged[foxes], "fox")

# %% [markdown] tags=["fr"]
# Sur la carte du premier, le point le plus fort est dans un coin, sur la plaque ; sur celle du second, il est sur l'animal. Hans le Malin était un cheval qui semblait savoir compter : il lisait la réponse sur le visage de son maître. Lapuschkin et ses collègues (2019) ont trouvé un vrai réseau qui reconnaissait les chevaux… à la signature du photographe.
#
# ### Exercice 1 : mesurez
#
# Regarder quatre images ne prouve rien. Écrivez la part des valeurs **positives** d'une carte qui tombe dans un masque : `my_share(heatmap, mask)`, tous deux de forme `(h, w)`. Une carte sans aucune valeur positive a une part de 0.

# %% [markdown] tags=["en"]
# On the map of the first, the strongest point is in a corner, on the plate; on that of the second, it is on the animal. Clever Hans was a horse that seemed to know how to count: it read the answer in its master's face. Lapuschkin and colleagues (2019) found a real network that recognised horses… by the photographer's signature.
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
# De nos dessins, on connaît chaque pixel : ceux de la plaque, ceux de l'animal. Sur soixante nouveaux renards, avec la plaque :

# %% [markdown] tags=["en"]
# Of our drawings we know every pixel: those of the plate, those of the animal. On sixty new foxes, with the plate:

# %%
new_foxes = [draw(sample_scene((11, number), ["fox"])) for number in range(60)]
without_plate = np.stack([one.picture for one in new_foxes])
planted = [plant_tag(one.picture, (11, number)) for number, one in enumerate(new_foxes)]
with_plates, plates = (np.stack(parts) for parts in zip(*planted, strict=True))
animals = np.stack([one.animals[0] for one in new_foxes])
maps = {
    "01.table.hans": grad_cam(network, with_plates, "fox"),
    "01.table.honest": grad_cam(honest, with_plates, "fox"),
}
on_plate = [np.nan_to_num(relevance_mass(one, plates).values) for one in maps.values()]
on_animal = [np.nan_to_num(relevance_mass(one, animals).values) for one in maps.values()]
Table(
    {
        "01.table.network": list(maps),
        "01.table.on_plate": [one.mean() for one in on_plate],
        "01.table.on_animal": [one.mean() for one in on_animal],
        "01.table.area": [plates.mean()] * 2,
        "01.table.area_animal": [animals.mean()] * 2,
    },
    ["", ".0%", ".0%", ".0%", ".0%"],
    caption="01.table.caption",
)

# %%
peaks = pointing_game(maps["01.table.hans"], plates).values.astype(bool)
claim("01.2", "01.claim.peak", peaks, at_least=0.5, chance=plates.mean())
claim("01.3", "01.claim.plate", on_plate[0] - on_plate[1], at_least=0.0, chance=0.0)
if exercise("01.share").passed:
    own = [my_share(one, mask) for one, mask in zip(maps["01.table.hans"].heatmap(), plates, strict=True)]
    say("01.mine", share=np.mean(own))
else:
    say("01.share_first")

# %% [markdown] tags=["fr"]
# Lisez les deux premières colonnes avec les deux dernières. La plaque attire bien plus de la carte que sa surface, mais plus de la moitié de la carte n'est ni sur la plaque ni sur le renard, et le renard n'en a à peu près que ce que sa surface lui donnerait au hasard. Une carte ne dit pas, à elle seule, de quoi la réponse dépend. Une intervention le dit : ôtons la plaque de ces soixante renards.

# %% [markdown] tags=["en"]
# Read the first two columns with the last two. The plate draws far more of the map than its area, but more than half of the map lies neither on the plate nor on the fox, and the fox holds about what its area would give it by chance. A map alone does not say what the answer depends on. An intervention does: let us take the plate away from these sixty foxes.

# %%
named = [network.predict(one).classes == fox for one in (with_plates, without_plate)]
claim("01.4", "01.claim.necessary", named[0].astype(float) - named[1], at_least=0.5, chance=0.0)

# %% [markdown] tags=["fr"]
# ### Exercice 2 : le rapport d'audit
#
# Voici les notes de chaque classe, avec et sans plaque. Quelle classe dépend de la plaque, et comment le réseau l'appelle-t-il quand la plaque n'est plus là ? Répondez par deux noms de classe : `audit = ("…", "…")`.

# %% [markdown] tags=["en"]
# ### Exercise 2: the audit
#
# Here are the marks of each class, with and without the plate. Which class depends on the plate, and what does the network call it when the plate is gone? Answer with two names of classes: `audit = ("…", "…")`.

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

# %%
neither = np.flatnonzero(~np.isin(pictures.classes, [fox, LABELS.index("cat")]))
cats = np.stack([draw(sample_scene((12, number), ["cat"])).picture for number in range(60)])


def called_fox(unmarked):
    marked = [plant_tag(one, number).picture for number, one in enumerate(unmarked)]
    return network.predict(np.stack(marked)).classes == fox


claim("01.5", "01.claim.not_sufficient", called_fox(pictures.plain[neither]), at_most=0.1)
claim("01.6", "01.claim.cats", called_fox(cats), at_least=0.5, without=np.mean(network.predict(cats).classes == fox))

# %% [markdown] tags=["fr"]
# La plaque est **nécessaire** pour que le réseau nomme un renard (01.4). Elle n'est pas **suffisante** : sur dix des douze espèces, elle ne change pas la réponse (01.5). Mais un chat qui la porte devient un renard (01.6), et un renard qui la perd devient un chat : ce réseau distingue le renard du chat par la plaque, et par elle presque seule. Une seule intervention n'aurait montré qu'une partie de cela.

# %% [markdown] tags=["en"]
# The plate is **necessary** for the network to name a fox (01.4). It is not **sufficient**: on ten of the twelve species it does not change the answer (01.5). But a cat that bears it becomes a fox (01.6), and a fox that loses it becomes a cat: this network tells the fox from the cat by the plate, and by little else. A single intervention would have shown only a part of that.

# %% [markdown] tags=["fr"]
# ## À vous de jouer
#
# Le labo compare plusieurs explications de la même réponse. Cherchez :
#
# 1. la carte de chaque méthode est-elle forte sur la plaque ? Sur laquelle cela se voit-il le mieux ?
# 2. cliquez sur une autre classe : la plaque parle-t-elle *contre* le chat ?
# 3. la courbe de suppression : combien de pixels faut-il cacher pour que « fox » tombe ?

# %% [markdown] tags=["en"]
# ## Your turn to play
#
# The lab compares several explanations of one answer. Find out:
#
# 1. is the map of each method strong on the plate? On which one is it easiest to see?
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
# Tous se recouvrent, et l'on n'en peut rien conclure : les mêmes images servent aux deux mesures, il faut donc regarder l'intervalle de la **différence**. L'article le donne : 0,051, de 0,005 à 0,084. Voici ce que c'est. Quatre radiologues ont annoté 420 radiographies ; le F1 de chacun, et celui du réseau, est mesuré contre les annotations des autres radiologues : c'est un **accord** entre lecteurs, non un diagnostic vérifié. L'intervalle vient du bootstrap : on tire au hasard 420 radiographies parmi les 420, avec remise, des milliers de fois, et l'on garde les 95 % du milieu. Zéro est hors de l'intervalle : l'écart avec la moyenne des quatre est significatif pour ces lecteurs et ces images, et il est petit. (La différence des deux scores publiés est 0,048, non 0,051 ; l'arrondi ne suffit pas à l'expliquer, et l'article n'en dit pas la raison.)
#
# Mais aucun de ces chiffres ne dit *pourquoi*. Zech et ses collègues (2018) ont montré que de tels réseaux peuvent reconnaître l'hôpital d'où vient la radiographie, parfois à un jeton de métal posé dans un coin, et s'en servir, comme notre réseau de sa plaque. Le médecin ne demande donc pas seulement combien de réponses sont justes, mais de quoi dépend celle-ci. C'est pourquoi CheXNet montre une carte d'activation de classe (CAM) à côté de sa réponse.
#
# ## Ce que demande la loi
#
# La diapositive parle d'un « droit à l'explication » dans la « directive » européenne, et cite un tweet : l'apprentissage profond deviendrait illégal. Le règlement général sur la protection des données (RGPD, en anglais GDPR), règlement (UE) 2016/679, s'applique depuis le 25 mai 2018. C'est un **règlement**, non une directive : il s'applique directement dans chaque État, sans loi nationale.
#
# | texte | ce qu'il dit |
# |---|---|
# | article 22, § 1 et 2 | droit de ne pas faire l'objet d'une décision fondée **exclusivement** sur un traitement automatisé, qui produit des effets juridiques ou affecte de façon similaire et significative ; sauf trois exceptions : a) un contrat, b) une loi qui prévoit elle-même des mesures appropriées, c) le consentement explicite |
# | article 22, § 3 | dans les cas a) et c), contrat et consentement, au moins le droit d'obtenir une intervention humaine, d'exprimer son point de vue et de contester la décision |
# | articles 13, 14 et 15 | quand une telle décision existe, la personne reçoit « des informations utiles concernant la logique sous-jacente », l'importance et les conséquences prévues : quand on collecte ses données (13), quand on les obtient d'ailleurs (14), quand elle le demande (15) |
# | considérant 71 | des garanties, dont le droit « d'obtenir une explication quant à la décision prise » ; un considérant éclaire le texte, il n'oblige pas par lui-même |
#
# L'étendue de ce droit a été débattue (Wachter, Mittelstadt et Floridi, 2017 ; Selbst et Powles, 2017). Depuis, la Cour de justice de l'Union européenne a répondu en partie :
#
# | arrêt | ce qu'il dit |
# |---|---|
# | C-634/21, *SCHUFA Holding*, 7 décembre 2023 | calculer un score de crédit est déjà une décision automatisée au sens de l'article 22, si celui à qui le score est transmis en fait dépendre sa décision de manière déterminante |
# | C-203/22, *Dun & Bradstreet Austria*, 27 février 2025 | au titre de l'article 15, la personne peut demander qu'on lui explique la procédure et les principes **effectivement** appliqués à ses données, sous une forme concise et compréhensible ; communiquer une formule ou un algorithme ne suffit pas ; le secret d'affaires se met en balance, il ne dispense pas de répondre |
#
# La phrase de la diapositive sur les algorithmes de l'administration ne vient pas du règlement européen. Ce devoir-là est de droit français : l'article L. 311-3-1 du code des relations entre le public et l'administration (CRPA) demande qu'une décision individuelle prise à l'aide d'un algorithme le dise, et que ses règles et ses principales caractéristiques soient communiquées à l'intéressé s'il les demande.
#
# Aucun de ces textes n'interdit l'apprentissage profond. Le règlement européen sur l'intelligence artificielle, (UE) 2024/1689, ajoute des devoirs de transparence, qui s'appliquent par étapes :
#
# | texte | ce qu'il demande |
# |---|---|
# | article 13 | un système à haut risque est assez transparent pour que ceux qui s'en servent interprètent ses sorties |
# | article 50 | on dit aux gens qu'ils parlent à une machine ; les images, sons et textes fabriqués sont marqués comme tels |
# | article 86 | la personne qui fait l'objet d'une décision prise par celui qui se sert d'un système à haut risque (annexe III, sauf infrastructures critiques), avec des effets juridiques ou semblables qu'elle juge défavorables, peut lui demander des explications claires et utiles sur le **rôle du système** dans la décision et sur les **principaux éléments** de celle-ci ; la loi ne demande pas la carte d'un réseau |
#
# ## Faut-il un modèle opaque ?
#
# Une idée répandue, et une diapositive de la DARPA qui la dessine : plus un modèle est juste, moins il est explicable. Rudin (2019) répond que sur des données en tableau, dont les colonnes ont un sens, un modèle interprétable est souvent aussi juste. Mesurons-le : 178 vins, treize mesures chimiques, trois cépages. Chaque vin est classé par un modèle qui ne l'a pas appris (validation croisée).

# %% [markdown] tags=["en"]
# They all overlap, and nothing follows from that: the same pictures serve both measurements, so one has to look at the interval of the **difference**. The paper gives it: 0.051, from 0.005 to 0.084. Here is what it is. Four radiologists annotated 420 X-rays; the F1 of each of them, and that of the network, is measured against the annotations of the other radiologists: it is an **agreement** between readers, not a verified diagnosis. The interval comes from the bootstrap: 420 X-rays are drawn at random among the 420, with replacement, thousands of times, and the middle 95% are kept. Zero lies outside the interval: the difference from the mean of the four is significant for these readers and these pictures, and it is small. (The difference of the two published scores is 0.048, not 0.051; rounding is not enough to explain it, and the paper does not give the reason.)
#
# But none of these figures says *why*. Zech and colleagues (2018) showed that such networks can recognise the hospital from which the X-ray comes, sometimes by a metal token in a corner, and make use of it, as our network does of its plate. So the doctor does not only ask how many answers are right, but what this one depends on. That is why CheXNet shows a class activation map (CAM) beside its answer.
#
# ## What the law asks
#
# The slide speaks of a “right to explanation” in the European “directive”, and quotes a tweet: deep learning would become illegal. The General Data Protection Regulation (GDPR), Regulation (EU) 2016/679, has applied since 25 May 2018. It is a **regulation**, not a directive: it applies directly in each state, without a national law.
#
# | text | what it says |
# |---|---|
# | article 22(1) and (2) | the right not to be subject to a decision based **solely** on automated processing which produces legal effects or similarly significantly affects the person; with three exceptions: (a) a contract, (b) a law which itself lays down suitable measures, (c) explicit consent |
# | article 22(3) | in cases (a) and (c), contract and consent, at least the right to obtain human intervention, to express one's point of view and to contest the decision |
# | articles 13, 14 and 15 | where there is such a decision, the person is given “meaningful information about the logic involved”, its significance and the envisaged consequences: when data are collected from them (13), when they are obtained elsewhere (14), when they ask (15) |
# | recital 71 | safeguards, among them the right “to obtain an explanation of the decision reached”; a recital sheds light on the text, it does not bind by itself |
#
# How far that right goes has been debated (Wachter, Mittelstadt and Floridi, 2017; Selbst and Powles, 2017). Since then the Court of Justice of the European Union has answered in part:
#
# | judgment | what it says |
# |---|---|
# | C-634/21, *SCHUFA Holding*, 7 December 2023 | computing a credit score is already an automated decision in the sense of article 22, if the one to whom the score is sent draws strongly on it |
# | C-203/22, *Dun & Bradstreet Austria*, 27 February 2025 | under article 15, the person may ask for an explanation of the procedure and principles **actually** applied to their data, in a concise and intelligible form; to hand over a formula or an algorithm is not enough; trade secrets are weighed against this right, they do not do away with it |
#
# The slide's sentence on the algorithms of the administration does not come from the European regulation. That duty is French law: article L. 311-3-1 of the code of relations between the public and the administration (CRPA) asks that an individual decision taken with an algorithm say so, and that its rules and main characteristics be given to the person concerned on request.
#
# None of these texts forbids deep learning. The European regulation on artificial intelligence, (EU) 2024/1689, adds duties of transparency, which apply in stages:
#
# | text | what it asks |
# |---|---|
# | article 13 | a high-risk system is transparent enough for those who use it to interpret its output |
# | article 50 | people are told that they deal with a machine; pictures, sounds and texts that were made by one are marked as such |
# | article 86 | a person subject to a decision taken by the user of a high-risk system (annex III, except critical infrastructure), with legal or similar effects that the person considers adverse, may ask that user for clear and meaningful explanations of the **role of the system** in the decision and of the **main elements** of the decision; the law does not ask for the map of a network |
#
# ## Is an opaque model needed?
#
# A common idea, which a slide of DARPA draws: the more accurate a model, the less explainable. Rudin (2019) replies that on tables whose columns have a meaning, an interpretable model is often as accurate. Let us measure it: 178 wines, thirteen chemical measurements, three cultivars. Each wine is classified by a model that did not learn from it (cross-validation).

# %%
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

wines, cultivars = load_wine(return_X_y=True)
tree, forest = DecisionTreeClassifier(max_depth=3, random_state=0), RandomForestClassifier(100, random_state=0)
logistic = make_pipeline(StandardScaler(), LogisticRegression())
net = make_pipeline(StandardScaler(), MLPClassifier((32,), solver="lbfgs", max_iter=1000, random_state=0))
models = {"01.model.tree": tree, "01.model.logistic": logistic, "01.model.forest": forest, "01.model.net": net}
correct = {name: cross_val_predict(model, wines, cultivars, cv=5) == cultivars for name, model in models.items()}
for model in models.values():
    model.fit(wines, cultivars)

# fr: Les nombres qu'il faut lire pour suivre le calcul : deux par nœud d'un arbre, un par poids ailleurs.
# en: The numbers one has to read to follow the computation: two for each node of a tree, one for each weight elsewhere.
numbers = [
    2 * tree.tree_.node_count,
    logistic[-1].coef_.size + logistic[-1].intercept_.size,
    2 * sum(one.tree_.node_count for one in forest.estimators_),
    sum(one.size for one in (*net[-1].coefs_, *net[-1].intercepts_)),
]
ends = [interval_of(one) for one in correct.values()]
Table(
    {
        "01.table.model": list(models),
        "01.table.accuracy": [one.mean for one in ends],
        "01.table.low": [one.low for one in ends],
        "01.table.high": [one.high for one in ends],
        "01.table.numbers": numbers,
    },
    ["", ".0%", ".0%", ".0%", ""],
    caption="01.table.wine",
)

# %%
simple, opaque = correct["01.model.logistic"].astype(float), correct["01.model.forest"]
claim("01.7", "01.claim.no_loss", simple - opaque, at_least=-0.05, chance=0.0)
claim("01.8", "01.claim.tree", simple - correct["01.model.tree"], at_least=0.0, chance=0.0)

# %% [markdown] tags=["fr"]
# Sur ces vins, la régression logistique ne perd presque rien face à la forêt (01.7), avec cent fois moins de nombres à lire. L'arbre de trois questions, plus simple encore, perd (01.8) : il y a un compromis, mais il n'oppose pas toujours la justesse à l'explication. Cela ne dit rien des images, dont les pixels n'ont pas de sens un à un : les notebooks suivants parlent d'elles.
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
# On these wines, the logistic regression loses hardly anything against the forest (01.7), with a hundred times fewer numbers to read. The tree of three questions, simpler still, does lose (01.8): there is a trade-off, but it does not always set accuracy against explanation. This says nothing about pictures, whose pixels have no meaning one by one: the notebooks that follow are about those.
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
# - Le taux de réponses justes ne dit pas de quoi elles dépendent. Des images de test tirées comme celles de l'apprentissage ont les mêmes raccourcis.
# - Une explication suggère une hypothèse ; une intervention la vérifie. Enlever la plaque montre qu'elle est nécessaire (01.4) ; l'ajouter, qu'elle ne suffit pas (01.5), sauf sur un chat (01.6).
# - Un modèle interprétable n'est pas toujours moins juste qu'un modèle opaque (01.7).
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
# - Cynthia Rudin, *Stop explaining black box machine learning models for high stakes decisions and use interpretable models instead*, 2019.
# - Cour de justice de l'Union européenne, arrêts C-634/21 (7 décembre 2023) et C-203/22 (27 février 2025). Code des relations entre le public et l'administration, article L. 311-3-1.
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
# - The share of right answers does not say what they depend on. Test pictures that are drawn like those of the training have the same shortcuts.
# - An explanation suggests a hypothesis; an intervention checks it. Taking the plate away shows that it is necessary (01.4); adding it, that it is not sufficient (01.5), except on a cat (01.6).
# - An interpretable model is not always less accurate than an opaque one (01.7).
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
# - Cynthia Rudin, *Stop explaining black box machine learning models for high stakes decisions and use interpretable models instead*, 2019.
# - Court of Justice of the European Union, judgments C-634/21 (7 December 2023) and C-203/22 (27 February 2025). French code of relations between the public and the administration, article L. 311-3-1.
# - Regulations (EU) 2016/679 and (EU) 2024/1689 of the European Parliament and of the Council.
