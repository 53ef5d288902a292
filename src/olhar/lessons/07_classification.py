# %% [markdown] lang="en"
# # 7. Classification
#
# A picture goes in. Out come ten numbers that may be anything: the *logits*. Softmax makes a distribution of
# them: ten probabilities that sum to one. The most probable class becomes the label. You write each of these
# steps, and the loss that teaches them. Then come two questions that are asked too seldom: when the network
# says 90 %, is it right nine times of ten? And where did it look?

# %% [markdown] lang="pt"
# # 7. Classificação
#
# Entra uma imagem. Saem dez números que podem ser qualquer coisa: os *logits*. A softmax faz deles uma
# distribuição: dez probabilidades que somam um. A classe mais provável vira o rótulo. Você escreve cada um
# desses passos, e a perda que os ensina. Depois vêm duas perguntas que se fazem pouco: quando a rede diz 90 %,
# ela acerta nove vezes em dez? E para onde ela olhou?

# %% [markdown] lang="en"
# ## Softmax, from nothing
#
# Make every number positive with `exp`, then divide by the sum. Larger stays larger, and it is differences
# that count: add 5 to all, and nothing changes. That is also the trick against overflow: take the largest
# away first.

# %% [markdown] lang="pt"
# ## Softmax, do zero
#
# Torne cada número positivo com `exp` e depois divida pela soma. O maior continua maior, e o que conta são as
# diferenças: some 5 a todos e nada muda. Esse é também o truque contra o estouro: antes de tudo, tire o maior.

# %%
import math

import torch
import torch.nn.functional as F

from olhar.lessons import check, pace, predict, reveal, say, show


def softmax(logits):
    largest = max(logits)
    powers = [math.exp(z - largest) for z in logits]
    return [p / sum(powers) for p in powers]


logits = [2.0, 1.0, -1.0]
print("logits       ", logits)
print(
    "probabilities", [round(p, 3) for p in softmax(logits)], "sum", round(sum(softmax(logits)), 6)
)
assert torch.allclose(torch.tensor(softmax(logits)), torch.tensor(logits).softmax(0), atol=1e-6)

large = torch.tensor([1000.0, 999.0])
print("without the trick:", (large.exp() / large.exp().sum()).tolist())
print("with it:          ", [round(p, 3) for p in softmax(large.tolist())])

# %% [markdown] lang="en"
# ## From the distribution to the label
#
# The label is the most probable class: `argmax`. Often the distribution says more than the label: a clear
# case and a toss-up may get the same one. Dividing the logits by a *temperature* makes the distribution
# sharper or flatter, and never changes the label.

# %% [markdown] lang="pt"
# ## Da distribuição ao rótulo
#
# O rótulo é a classe mais provável: `argmax`. Muitas vezes a distribuição diz mais que o rótulo: um caso claro
# e um cara ou coroa podem receber o mesmo. Dividir os logits por uma *temperatura* deixa a distribuição mais
# aguda ou mais plana, e nunca muda o rótulo.

# %%
scores = torch.tensor([0.5, 2.0, 1.5, -1.0, 0.0, 2.5, -0.5, 1.0, 0.2, -2.0])
by_temperature = {t: (scores / t).softmax(0) for t in (0.5, 1.0, 3.0)}
for t, distribution in by_temperature.items():
    print(f"temperature {t}: label {distribution.argmax()}, probability {distribution.max():.1%}")

# %% jupyter={"source_hidden": true}
from olhar.look.chart import Line, chart
from olhar.look.phrase import Phrase

show(
    chart(
        [
            Line(Phrase(f"temperature {t}", f"temperatura {t}".replace(".", ",")), range(10), p.tolist(),
                 style="both")
            for t, p in by_temperature.items()
        ],
        x=Phrase("class", "classe"),
        y=Phrase("probability", "probabilidade"),
    ),
    en="The same logits at three temperatures.",
    pt="Os mesmos logits em três temperaturas.",
)  # fmt: skip

# %% [markdown] lang="en"
# ## Cross-entropy, from nothing
#
# The loss looks at one number only: the probability `p` that was given to the truth. It is `-log p`. Sure and
# right costs nothing; sure and wrong costs a lot.

# %% [markdown] lang="pt"
# ## Entropia cruzada, do zero
#
# A perda olha um só número: a probabilidade `p` que foi dada à verdade. Ela é `-log p`. Ter certeza e acertar
# não custa nada; ter certeza e errar custa muito.

# %% jupyter={"source_hidden": true}
predict(
    en="A new network knows nothing: each of ten classes gets 10 %. What is its loss?",
    pt="Uma rede nova não sabe nada: cada uma de dez classes recebe 10 %. Qual é a sua perda?",
)


# %%
def cross_entropy(logits, truth):
    return -math.log(softmax(logits)[truth])


knows_nothing = cross_entropy([0.0] * 10, truth=3)

# %% jupyter={"source_hidden": true}
reveal(
    round(knows_nothing, 3),
    en="-log 0.1. If a training starts much higher, something is wrong with the start.",
    pt="-log 0,1. Se um treino começa muito acima disso, há algo errado com o início.",
)
ps = [i / 100 for i in range(1, 101)]
show(
    chart(
        [Line("-log p", ps, [-math.log(p) for p in ps])],
        x=Phrase("probability given to the truth", "probabilidade dada à verdade"),
        y=Phrase("loss", "perda"),
    ),
    en="What it costs to have given the truth so little.",
    pt="Quanto custa ter dado tão pouco à verdade.",
)

# %% [markdown] lang="en"
# And its gradient is wonderfully simple: the probabilities, less 1 at the truth. Each logit is pulled by
# exactly as much as its class was overrated or underrated.

# %% [markdown] lang="pt"
# E o seu gradiente é de uma simplicidade maravilhosa: as probabilidades, menos 1 na verdade. Cada logit é
# puxado exatamente na medida em que sua classe foi superestimada ou subestimada.

# %%
z = scores.clone().double().requires_grad_()
loss = F.cross_entropy(z[None], torch.tensor([2]))
loss.backward()
assert abs(loss.item() - cross_entropy(scores.tolist(), 2)) < 1e-6
by_hand = scores.double().softmax(0)
by_hand[2] -= 1
assert torch.allclose(z.grad, by_hand, atol=1e-9)

# %% [markdown] lang="en"
# ## Is it right as often as it says?
#
# We train a network that is far too large on 200 digits, until it knows them by heart. Then we gather its
# answers on digits it has not seen by how sure they were, and compare with how many were right. For a well
# *calibrated* network the two agree. The average gap is the calibration error.

# %% [markdown] lang="pt"
# ## Ela acerta tantas vezes quanto diz?
#
# Treinamos uma rede grande demais com 200 dígitos, até ela saber tudo de cor. Depois juntamos suas respostas
# em dígitos que não viu, conforme a certeza que tinham, e comparamos com quantas estavam certas. Em uma rede
# bem *calibrada*, as duas coisas concordam. A diferença média é o erro de calibração.

# %%
from torch import nn

from olhar.lessons.digits import split

parts = split()
image, target = (values[:200] for values in parts["train"])
torch.manual_seed(0)
network = nn.Sequential(nn.Flatten(), nn.Linear(64, 512), nn.ReLU(), nn.Linear(512, 10))
optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
for _ in range(pace(150, fast=40)):
    loss = F.cross_entropy(network((image - 0.3) / 0.37), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def logits_of(part):
    images, targets = parts[part]
    with torch.no_grad():
        return network((images - 0.3) / 0.37), targets


said, true = logits_of("test")


def gathered(probabilities, true, bins=15):
    """How many, how sure, how often right; by ranges of how sure."""
    sure, label = probabilities.max(1)
    right = (label == true).float()
    found = []
    for b in range(bins):
        here = (sure > b / bins) & (sure <= (b + 1) / bins)
        if here.any():
            found.append((here.sum().item(), sure[here].mean().item(), right[here].mean().item()))
    return found


def error(found):
    total = sum(n for n, _, _ in found)
    return sum(n * abs(sure - right) for n, sure, right in found) / total


from olhar.training import calibration

before = gathered(said.softmax(1), true)
sure, label = said.softmax(1).max(1)
by_olhar = calibration.reliability(sure.double().numpy(), (label == true).numpy())
print(f"calibration error: by hand {error(before):.5f}, by olhar {by_olhar.error:.5f}")
assert abs(error(before) - by_olhar.error) < 1e-5

# %% [markdown] lang="en"
# It is surer than it should be. The remedy is a single number, a temperature by which all logits are divided.
# It is chosen on the validation part, where it makes the truth as probable as it can be. We try many; olhar
# solves for it. A training of olhar does this at its end by itself.

# %% [markdown] lang="pt"
# Ela tem mais certeza do que deveria. O remédio é um único número, uma temperatura pela qual se dividem todos
# os logits. Ela é escolhida na parte de validação, onde torna a verdade tão provável quanto possível. Nós
# tentamos muitas; o olhar resolve a conta. Um treino do olhar faz isso sozinho, no fim.

# %%
logits_, truths = logits_of("validation")
tried = {t / 50: F.cross_entropy(logits_ / (t / 50), truths).item() for t in range(10, 400)}
ours = min(tried, key=tried.get)
olhars = calibration.temperature(logits_.double().numpy(), truths.numpy())
print(f"temperature: tried {ours:.2f}, olhar {olhars:.2f}")
assert abs(ours - olhars) < 0.1 * ours

after = gathered((said / olhars).softmax(1), true)
assert torch.equal(said.argmax(1), (said / olhars).argmax(1))
say(
    f"calibration error on the test part: {error(before):.3f} before, {error(after):.3f} after; "
    "not one label has changed",
    f"erro de calibração na parte de teste: {error(before):.3f} antes, {error(after):.3f} depois; "
    "nenhum rótulo mudou",
)

# %% jupyter={"source_hidden": true}
show(
    chart(
        [
            Line(Phrase("as it should be", "como deveria ser"), [0, 1], [0, 1], "dashed"),
            Line(
                Phrase("before", "antes"), *zip(*[f[1:] for f in before], strict=True), style="both"
            ),
            Line(
                Phrase("after", "depois"), *zip(*[f[1:] for f in after], strict=True), style="both"
            ),
        ],
        x=Phrase("how sure", "quanta certeza"),
        y=Phrase("how often right", "quantas vezes certo"),
    ),
    en="Below the diagonal a network is surer than it is right.",
    pt="Abaixo da diagonal, uma rede tem mais certeza do que acerto.",
)

# %% [markdown] lang="en"
# ## The same with olhar, and where it looked
#
# Now a convolutional network of olhar, on the digits at 16 × 16. For one answer we ask: which places of its
# last feature maps raised the score? Each map is weighed by how much more of it would raise the score; where
# the sum is positive, it looked (Grad-CAM, Selvaraju and others, 2017). By hand that is a few lines; olhar has
# it as `attention`.

# %% [markdown] lang="pt"
# ## O mesmo com olhar, e para onde ela olhou
#
# Agora uma rede convolucional do olhar, com os dígitos em 16 × 16. Sobre uma resposta perguntamos: que lugares
# de seus últimos mapas de atributos elevaram a pontuação? Cada mapa pesa conforme a pontuação subiria se
# houvesse mais dele; onde a soma é positiva, ela olhou (Grad-CAM, Selvaraju e outros, 2017). À mão são poucas
# linhas; o olhar tem isso como `attention`.

# %%
import tempfile
from pathlib import Path

import olhar
from olhar.classify.attention import attention
from olhar.lessons.digits import datasets, pictures

with tempfile.TemporaryDirectory() as home:
    recipe = olhar.Classifier(
        data=Path("digits"),
        architecture="cnn",
        widths=(12, 24),
        depth=1,
        epochs=pace(6, fast=1),
        augment=olhar.Augment(),
    )
    for _ in olhar.fit(recipe, Path(home, "run"), device="cpu", data=datasets(size=16)):
        pass
    cnn = olhar.load(Path(home, "run"))
    images, targets = parts["test"]
    batch = pictures(images[:8], 16)
    answers = [olhar.classify(picture, Path(home, "run")) for picture in batch[:3]]
for answer, truth in zip(answers, targets, strict=False):
    best = list(answer.probabilities.items())[:3]
    print(f"is {truth}, says", ", ".join(f"{name} {p:.1%}" for name, p in best))

with torch.no_grad():
    distribution = cnn.predict(batch)
assert torch.allclose((cnn(batch) / cnn.temperature).softmax(1), distribution, atol=1e-6)

# %%
chosen = distribution.argmax(1)
maps = cnn.body.blocks(cnn.normalize(batch)).detach().requires_grad_()  # (8, 24, 4, 4)
score = cnn.body.head(cnn.body.dense(maps)).gather(1, chosen[:, None]).sum()
(gradient,) = torch.autograd.grad(score, maps)
weights = gradient.mean((2, 3), keepdim=True)
heat = (weights * maps.detach()).sum(1, keepdim=True).relu()
heat = F.interpolate(heat, (16, 16), mode="bilinear", align_corners=False)[:, 0]
heat = heat / heat.amax((1, 2), keepdim=True).clamp(min=1e-12)

theirs, _ = attention(cnn, batch, chosen)
assert torch.allclose(heat, theirs, atol=1e-5)

# %% jupyter={"source_hidden": true}
from olhar.lessons.drawing import sheet


def lit(pictures, heat):
    """Amber where the network looked."""
    amber = torch.tensor([0.88, 0.63, 0.0])[:, None, None]
    return torch.lerp(pictures, amber.expand_as(pictures), 0.75 * heat[:, None])


rows = torch.cat([batch, lit(batch, heat)])
labels = " ".join(f"{t}→{c}" for t, c in zip(targets, chosen.tolist(), strict=False))
show(
    sheet(rows, columns=8),
    en=f"Digits, and below them, in amber, where the network looked. What it is → what it says: {labels}",
    pt=f"Dígitos e, embaixo, em âmbar, para onde a rede olhou. O que é → o que ela diz: {labels}",
    enlarge=5,
)

# %% [markdown] lang="en"
# That map is coarse: one value for each of 4 × 4 fields. A simpler test is finer and needs no gradient: cover a
# part of the picture and see how much the probability falls. Where both ways point to the same place, one may
# begin to believe it.

# %% [markdown] lang="pt"
# Esse mapa é grosseiro: um valor para cada um de 4 × 4 campos. Um teste mais simples é mais fino e dispensa o
# gradiente: cubra uma parte da imagem e veja quanto a probabilidade cai. Onde os dois jeitos apontam para o
# mesmo lugar, dá para começar a acreditar.


# %%
def covered(picture, side=5):
    """How much the probability of the label falls, wherever a square is covered."""
    edge = side // 2
    views = []
    for r in range(16):
        for c in range(16):
            view = picture.clone()
            view[:, max(0, r - edge) : r + edge + 1, max(0, c - edge) : c + edge + 1] = 1.0
            views.append(view)
    with torch.no_grad():
        before = cnn.predict(picture[None])
        best = before.argmax(1).item()
        after = cnn.predict(torch.stack(views))[:, best]
    return (before[0, best] - after).reshape(16, 16).clamp(min=0)


# %% jupyter={"source_hidden": true}
falls = [covered(picture) for picture in batch[:4]]
show(
    [
        *batch[:4],
        *(
            lit(p[None], (f / f.max().clamp(min=1e-6))[None])[0]
            for p, f in zip(batch, falls, strict=False)
        ),
    ],
    en="Four digits, and where covering them hurts the most.",
    pt="Quatro dígitos, e onde cobri-los dói mais.",
    enlarge=5,
)

# %% [markdown] lang="en"
# ## Exercises
#
# 1. The logits are `0`, `0` and `log 2` (0.6931). What are the three probabilities? Answer with a tuple.
# 2. A network gives the truth a probability of 0.5. What is the cross-entropy, in natural logarithms?
# 3. Write `log_softmax(z)` for a tensor `(N, C)`, without `softmax` and `log_softmax` of torch. It must also
#    work for a logit of 1000.
# 4. All logits are divided by 2. What changes: `"label"`, `"probabilities"`, `"both"` or `"neither"`?

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. Os logits são `0`, `0` e `log 2` (0.6931). Quais são as três probabilidades? Responda com uma tupla.
# 2. Uma rede dá à verdade uma probabilidade de 0.5. Qual é a entropia cruzada, em logaritmos naturais?
# 3. Escreva `log_softmax(z)` para um tensor `(N, C)`, sem `softmax` nem `log_softmax` do torch. Tem de
#    funcionar também com um logit de 1000.
# 4. Todos os logits são divididos por 2. O que muda: `"label"` (o rótulo), `"probabilities"` (as
#    probabilidades), `"both"` (ambos) ou `"neither"` (nenhum)?

# %%
three = ...
half_sure = ...
log_softmax = ...  # lambda z: ...
what_changes = ...

check("classification.softmax", three)
check("classification.loss", half_sure)
check("classification.log_softmax", log_softmax)
check("classification.temperature", what_changes)
