# %% [markdown] lang="en"
# # 10. Variational autoencoders
#
# The decoder of an autoencoder can draw from any code, but between the codes it has seen it draws
# nonsense. A variational autoencoder (VAE) fills the gaps. Its encoder does not answer with a point, it
# answers with a cloud: "about here, give or take so much". The decoder must then draw well from the whole
# cloud, and all clouds together must look like one simple cloud that we can draw from. In this lesson
# you derive what it minimises, check it with numbers, and draw digits that nobody wrote.

# %% [markdown] lang="pt"
# # 10. Variational autoencoders
#
# O decoder de um autoencoder desenha a partir de qualquer código, mas entre os códigos que viu desenha
# coisas sem sentido. O variational autoencoder (VAE) preenche os vazios. O encoder dele não responde com
# um ponto, responde com uma nuvem: "mais ou menos aqui, com tanto de folga". O decoder então precisa
# desenhar bem a partir da nuvem toda, e todas as nuvens juntas devem parecer uma só nuvem simples, da
# qual sabemos sortear. Nesta lição você deduz o que ele minimiza, confere com números e desenha dígitos
# que ninguém escreveu.

# %% [markdown] lang="en"
# ## The question
#
# Suppose pictures come about like this. Somebody draws a hidden number z from a normal distribution, the
# *prior* p(z). From z a picture x is drawn, with a little noise: p(x|z), which is what a decoder says. How
# probable is the picture that we see? All z may have led to it, so we add them up:
#
# - p(x) = ∫ p(x|z) p(z) dz
#
# And which z was it? That is Bayes' rule, p(z|x) = p(x|z) p(z) / p(x), the *posterior*. With one number z
# we can compute both on a grid. With thirty, no computer can. Here is a world of one number, small
# enough to know the truth.

# %% [markdown] lang="pt"
# ## A pergunta
#
# Suponha que as imagens nasçam assim. Alguém sorteia um número escondido z de uma distribuição normal, o
# *prior* p(z). A partir de z desenha-se uma imagem x, com um pouco de ruído: p(x|z), que é o que o decoder
# diz. Quão provável é a imagem que vemos? Qualquer z pode ter levado a ela, então somamos todos:
#
# - p(x) = ∫ p(x|z) p(z) dz
#
# E qual foi o z? É a regra de Bayes, p(z|x) = p(x|z) p(z) / p(x), o *posterior*. Com um só número z,
# calculamos os dois numa grade. Com trinta, nenhum computador consegue. Aqui está um mundo de um número,
# pequeno o bastante para conhecermos a verdade.

# %%
import math

import torch

grid = torch.linspace(-16, 16, 80_001, dtype=torch.float64)  # values of z
step = (grid[1] - grid[0]).item()


def log_normal(x, mean, deviation):
    """The logarithm of the density of a normal distribution."""
    return -0.5 * ((x - mean) / deviation) ** 2 - math.log(deviation * math.sqrt(2 * math.pi))


def drawn(z):
    """The decoder of this world: a "picture" of one pixel."""
    return z + 0.8 * torch.sin(2 * z)


x = 1.0  # what we see
log_joint = log_normal(x, drawn(grid), 0.5) + log_normal(grid, 0, 1)  # log p(x|z) p(z)
log_evidence = math.log(log_joint.exp().sum().item() * step)  # log p(x)
log_posterior = log_joint - log_evidence  # log p(z|x), Bayes' rule
print(f"log p(x) = {log_evidence:.4f}")

# %% [markdown] lang="en"
# ## The bound
#
# We cannot have the posterior, so we take a stand-in that is easy: a normal distribution q(z), with a
# mean and a deviation of its own. Multiply and divide by it:
#
# - log p(x) = log ∫ q(z) · p(x|z) p(z) / q(z) dz
#
# This is the logarithm of an average over q. The logarithm is curved downwards, so the average of the
# logarithms is never more (Jensen):
#
# - log p(x) ≥ E[log p(x|z)] - KL(q(z) ‖ p(z))
#
# The right side is the *evidence lower bound*, the ELBO. Its first term asks that z from the cloud draw x
# well. The second, the Kullback-Leibler divergence, is what the cloud pays for being unlike the prior.
# And what is missing to the truth is known exactly: it is KL(q(z) ‖ p(z|x)), how far the stand-in is from
# the posterior. Let us see whether that holds.

# %% [markdown] lang="pt"
# ## O limite
#
# O posterior não podemos ter, então usamos um substituto fácil: uma distribuição normal q(z), com média e
# desvio próprios. Multiplique e divida por ela:
#
# - log p(x) = log ∫ q(z) · p(x|z) p(z) / q(z) dz
#
# Isso é o logaritmo de uma média sobre q. O logaritmo se curva para baixo, então a média dos logaritmos
# nunca é maior (Jensen):
#
# - log p(x) ≥ E[log p(x|z)] - KL(q(z) ‖ p(z))
#
# O lado direito é o *evidence lower bound*, o ELBO. O primeiro termo pede que os z da nuvem desenhem bem
# o x. O segundo, a divergência de Kullback-Leibler, é o que a nuvem paga por ser diferente do prior. E o
# que falta para a verdade se conhece com exatidão: é KL(q(z) ‖ p(z|x)), a distância do substituto ao
# posterior. Vejamos se é assim mesmo.


# %%
def terms(mean, deviation):
    """Both terms of the ELBO, and the divergence from the posterior: three integrals on the grid."""
    log_q = log_normal(grid, mean, deviation)
    q = log_q.exp() * step
    fits = (q * log_normal(x, drawn(grid), 0.5)).sum().item()
    from_prior = (q * (log_q - log_normal(grid, 0, 1))).sum().item()
    from_posterior = (q * (log_q - log_posterior)).sum().item()
    return fits, from_prior, from_posterior


for mean, deviation in [(0.0, 1.0), (0.5, 0.3), (0.42, 0.22), (2.0, 0.5)]:
    fits, from_prior, from_posterior = terms(mean, deviation)
    elbo = fits - from_prior
    print(f"q = N({mean}, {deviation}): ELBO {elbo:8.4f}, missing {from_posterior:7.4f}")
    assert elbo < log_evidence
    assert abs(elbo + from_posterior - log_evidence) < 1e-6

# %% jupyter={"source_hidden": true}
from olhar.lessons import check, pace, predict, reveal, show
from olhar.look.chart import Line, chart
from olhar.look.phrase import Phrase

means = [k / 50 for k in range(-10, 81)]
bounds = [terms(m, 0.25) for m in means]
show(
    chart(
        [
            Line(Phrase("ELBO of q = N(m, 0.25)", "ELBO de q = N(m, 0,25)"), means, [a - b for a, b, _ in bounds]),
            Line(
                "log p(x)",
                [means[0], means[-1]],
                [log_evidence, log_evidence],
                "dashed",
            ),
        ],
        x=Phrase("m, the mean of the cloud", "m, a média da nuvem"),
        y="nats",
    ),
    en="The bound comes near to the truth, and never above it.",
    pt="O limite chega perto da verdade, e nunca passa dela.",
)  # fmt: skip

# %% [markdown] lang="en"
# ## The divergence, four times
#
# For normal distributions the second term needs no integral. Between N(m, s) and the prior N(0, 1), for
# each number of the code:
#
# - KL = (m² + s² - 1) / 2 - log s
#
# By this formula, by `torch.distributions`, by the integral and by olhar: it is one number.

# %% [markdown] lang="pt"
# ## A divergência, quatro vezes
#
# Para distribuições normais, o segundo termo dispensa a integral. Entre N(m, s) e o prior N(0, 1), para
# cada número do código:
#
# - KL = (m² + s² - 1) / 2 - log s
#
# Por essa fórmula, por `torch.distributions`, pela integral e pelo olhar: é um número só.

# %%
from torch.distributions import Normal, kl_divergence

from olhar.vae.bound import Posterior


def kl(mean, log_scale):
    """To N(0, 1), in nats; log_scale is the logarithm of the deviation."""
    return 0.5 * (mean**2 + (2 * log_scale).exp() - 1) - log_scale


for m, s in [(0.0, 1.0), (0.5, 0.3), (-1.5, 0.7), (2.0, 1.6)]:
    mean, log_scale = torch.tensor([m]).double(), torch.tensor([s]).double().log()
    by_formula = kl(mean, log_scale).item()
    by_torch = kl_divergence(Normal(mean, log_scale.exp()), Normal(0.0, 1.0)).item()
    by_integral = terms(m, s)[1]
    by_olhar = Posterior(mean, log_scale).divergence().item()
    print(f"N({m}, {s}): {by_formula:.6f} {by_torch:.6f} {by_integral:.6f} {by_olhar:.6f}")
    assert max(abs(by_formula - each) for each in (by_torch, by_integral, by_olhar)) < 1e-6

# %% [markdown] lang="en"
# ## A gradient through chance
#
# To train, we draw z from the cloud and ask how the loss changes with the cloud's mean and deviation. But
# a drawn number has no gradient: a die does not say how it would have fallen. The trick is to throw the
# die elsewhere. Draw noise ε from N(0, 1), which depends on nothing, and let z = m + s · ε. Now z is plain
# arithmetic, and gradients flow. This is the *reparametrisation*.

# %% [markdown] lang="pt"
# ## Um gradiente através do acaso
#
# Para treinar, sorteamos z da nuvem e perguntamos como a loss muda com a média e o desvio da nuvem. Mas
# um número sorteado não tem gradiente: o dado não conta como teria caído. O truque é jogar o dado em
# outro lugar. Sorteie um ruído ε de N(0, 1), que não depende de nada, e faça z = m + s · ε. Agora z é pura
# aritmética, e os gradientes passam. Isso é a *reparametrização*.

# %% jupyter={"source_hidden": true}
predict(
    en="The average of z² over N(m, s) is m² + s². With m = 2 and s = 3, what is its gradient with "
    "respect to s?",
    pt="A média de z² sobre N(m, s) é m² + s². Com m = 2 e s = 3, qual é o gradiente em relação a s?",
)

# %%
m, s = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
assert not Normal(m, s).sample().requires_grad  # the die alone: no way back

torch.manual_seed(0)
z = m + s * torch.randn(200_000)
(z**2).mean().backward()
print(
    f"from 200,000 draws: {m.grad:.2f} and {s.grad:.2f}; by the formula: {2 * m:.2f} and {2 * s:.2f}"
)
assert abs(m.grad - 4) < 0.05
assert abs(s.grad - 6) < 0.05

# %% jupyter={"source_hidden": true}
reveal(
    f"{s.grad:.2f}",
    en="2s = 6, and draws find it: each z knows how it would move if s were a little larger.",
    pt="2s = 6, e os sorteios acham: cada z sabe como andaria se s fosse um pouco maior.",
)

# %% [markdown] lang="en"
# ## A VAE of two numbers
#
# All pieces are there. The encoder says a mean and a deviation for each of two numbers, the decoder a
# grey for each pixel, and one deviation for all pixels is learned too. Two numbers are few for digits,
# but they can be drawn on paper.

# %% [markdown] lang="pt"
# ## Um VAE de dois números
#
# As peças estão todas aí. O encoder diz uma média e um desvio para cada um dos dois números, o decoder um
# tom de cinza para cada pixel, e um desvio único para todos os pixels também é aprendido. Dois números são
# pouco para dígitos, mas cabem desenhados no papel.

# %%
from torch import nn

from olhar.lessons.digits import split

parts = split()
train, test = (parts[part][0].flatten(1) for part in ("train", "test"))  # (1000, 64), (400, 64)


class Small(nn.Module):
    def __init__(self, latent):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 256), nn.GELU(), nn.Linear(256, 2 * latent))
        self.decoder = nn.Sequential(nn.Linear(latent, 256), nn.GELU(), nn.Linear(256, 64))
        self.log_noise = nn.Parameter(torch.tensor(-1.5))

    def terms(self, x):
        """For each picture -log p(x|z) and the divergence, in nats."""
        mean, log_scale = self.encoder(x).chunk(2, 1)
        z = mean + log_scale.exp() * torch.randn_like(mean)
        missed = (x - self.decoder(z)) / self.log_noise.exp()
        unlikely = 0.5 * missed**2 + self.log_noise + 0.5 * math.log(2 * math.pi)
        return unlikely.sum(1), kl(mean, log_scale).sum(1)


def learned(latent, steps, beta=1.0):
    torch.manual_seed(0)
    network = Small(latent)
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for i in range(steps):
        rows = torch.randint(len(train), (128,))
        unlikely, divergence = network.terms(train[rows])
        warmth = min(1.0, 4 * i / steps)  # let it draw before it has to pay
        loss = (unlikely + beta * warmth * divergence).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.requires_grad_(False)


steps = pace(1000, fast=60)
vae = learned(2, steps)
unlikely, divergence = (each.mean().item() for each in vae.terms(test))
print(f"{unlikely:.1f} + {divergence:.1f} = {unlikely + divergence:.1f} nats per digit")

# %% jupyter={"source_hidden": true}
from olhar.lessons.drawing import sheet

places = Normal(0.0, 1.0).icdf(torch.linspace(0.03, 0.97, 14))
plane = vae.decoder(torch.cartesian_prod(places, places))
show(
    sheet(1 - plane.reshape(-1, 1, 8, 8).clamp(0, 1), 14),
    en="The plane of the two numbers: each place drawn by the decoder. There are no gaps.",
    pt="O plano dos dois números: cada lugar desenhado pelo decoder. Não há vazios.",
    enlarge=4,
)


mean, target = vae.encoder(test)[:, :2], parts["test"][1]
show(
    chart(
        [Line(f"{d}", *mean[target == d].T.tolist(), "points") for d in (0, 1, 4, 6, 7)],
        x=Phrase("the first number", "o primeiro número"),
        y=Phrase("the second", "o segundo"),
    ),
    en="Where the VAE puts five of the digits: around the middle, side by side. It never saw a label.",
    pt="Onde o VAE põe cinco dos dígitos: em torno do meio, lado a lado. Ele nunca viu um rótulo.",
)

# %% [markdown] lang="en"
# ## What the divergence is for
#
# Now eight numbers, twice: once with the divergence in the loss, and once without it. Without it nobody
# pays for far-off or narrow clouds, and we have a plain autoencoder again.

# %% [markdown] lang="pt"
# ## Para que serve a divergência
#
# Agora oito números, duas vezes: uma com a divergência na loss, outra sem ela. Sem ela ninguém paga por
# nuvens distantes ou estreitas, e temos de novo um autoencoder comum.

# %% jupyter={"source_hidden": true}
predict(
    en="Take z from N(0, 1) and let the decoder draw. Whose drawings lie nearer to real digits, the "
    "VAE's or the other's?",
    pt="Sorteie z de N(0, 1) e deixe o decoder desenhar. Quem desenha mais perto de dígitos reais, o "
    "VAE ou a outra?",
)

# %%
eight, plain = learned(8, steps), learned(8, steps, beta=0.0)
torch.manual_seed(1)
z = torch.randn(500, 8)


def distance(pictures):
    """From the nearest of all real digits, on average."""
    return torch.cdist(pictures.clamp(0, 1), torch.cat([train, test])).amin(1).mean().item()


far = {"VAE": distance(eight.decoder(z)), "without": distance(plain.decoder(z))}
print(f"a new digit that somebody wrote: {torch.cdist(test, train).amin(1).mean():.2f}")

# %% jupyter={"source_hidden": true}
reveal(
    f"{far['VAE']:.2f} / {far['without']:.2f}",
    en="the VAE's. Its codes fill the place from where we draw; the codes of the other lie wherever it "
    "pleased, and N(0, 1) seldom hits them.",
    pt="o VAE. Os códigos dele enchem o lugar de onde sorteamos; os da outra ficam onde ela bem quis, e "
    "N(0, 1) raramente acerta neles.",
)
if steps > 100:
    assert far["VAE"] < far["without"]
show(
    [
        sheet(1 - network.decoder(z[:40]).reshape(-1, 1, 8, 8).clamp(0, 1), 10)
        for network in (eight, plain)
    ],
    en="Forty drawings from chance: by the VAE, and by the network without the divergence.",
    pt="Quarenta desenhos a partir do acaso: do VAE, e da rede sem a divergência.",
    enlarge=5,
)

# %% [markdown] lang="en"
# ## From one to the other
#
# Since there are no gaps, one can walk. Take the codes of two digits, go from one to the other in small
# steps, and let the decoder draw on the way. In the pixels, by contrast, one picture just fades over the
# other.

# %% [markdown] lang="pt"
# ## De um para o outro
#
# Como não há vazios, dá para caminhar. Pegue os códigos de dois dígitos, vá de um ao outro em passos
# pequenos e deixe o decoder desenhar pelo caminho. Já nos pixels, uma imagem apenas se apaga sobre a
# outra.

# %%
one, other = (test[target == digit][1] for digit in (1, 0))
share = torch.linspace(0, 1, 10)[:, None]
ends = eight.encoder(torch.stack([one, other]))[:, :8]
way = eight.decoder(ends[0] + share * (ends[1] - ends[0]))
fade = one + share * (other - one)

# %% jupyter={"source_hidden": true}
show(
    sheet(1 - torch.cat([way, fade]).reshape(-1, 1, 8, 8).clamp(0, 1), 10),
    en="From a 1 to a 0: through the code, and through the pixels.",
    pt="De um 1 a um 0: pelo código, e pelos pixels.",
    enlarge=6,
)

# %% [markdown] lang="en"
# ## The same with olhar
#
# `olhar train vae FOLDER`, `olhar generate --model RUN`, `olhar interpolate A B --model RUN`. What olhar
# adds: it asks how probable each of the 256 levels of a pixel is, so that its bound counts the bits a file would
# need; it also measures a tighter bound, with many z for each picture; and it keeps the two terms in the
# same unit. That last point sounds small, but many programs on the net take the mean of one term and the
# sum of the other, and so minimise something that nobody derived.

# %% [markdown] lang="pt"
# ## O mesmo com o olhar
#
# `olhar train vae FOLDER`, `olhar generate --model RUN`, `olhar interpolate A B --model RUN`. O que o
# olhar acrescenta: ele pergunta quão provável é cada um dos 256 níveis de um pixel, e assim o limite conta os
# bits que um arquivo gastaria; mede também um limite mais justo, com muitos z para cada imagem; e mantém
# os dois termos na mesma unidade. Este último ponto parece pequeno, mas muitos programas na rede usam a
# média de um termo e a soma do outro, e acabam minimizando algo que ninguém deduziu.

# %%
import tempfile
from pathlib import Path

from PIL import Image

import olhar
from olhar.lessons.digits import pictures
from olhar.vae.apply import generate, interpolate, load
from olhar.vae.recipe import Vae

with tempfile.TemporaryDirectory() as folder:
    data = Path(folder, "digits")
    data.mkdir()
    for i, picture in enumerate(pictures(parts["train"][0])):
        levels = picture.permute(1, 2, 0).mul(255).round().byte().numpy()
        Image.fromarray(levels).save(data / f"{i:04}.png")
    recipe = Vae(
        data=data,
        latent=8,
        widths=(32, 64),
        epochs=pace(25, fast=1),
        learning_rate=4e-3,
        ema=0.99,
        importance=16,
    )
    *_, stopped = olhar.fit(recipe, Path(folder, "run"))
    model = load(stopped.model)

measured = stopped.metrics["test"]
print({name: round(value, 2) for name, value in measured.items()})
assert measured["bits_iwae_16"] <= measured["bits"]  # tighter, so fewer bits

values = model.network.values(pictures(parts["test"][0]))
with torch.no_grad():
    said = model.network.encode(values)
    ours = kl(said.mean, said.log_scale)
assert torch.allclose(said.divergence(), ours, atol=1e-5)

# %% jupyter={"source_hidden": true}
from olhar.vae.sheet import grid as laid_out

row = interpolate(*pictures(torch.stack([one, other]).reshape(2, 1, 8, 8)), model, steps=10)
show(
    [
        laid_out(generate(model, 40, seed=2).pictures, 10),
        laid_out(row.pictures, 10),
    ],
    en="Forty digits by olhar.vae that nobody wrote, and the way from 1 to 0.",
    pt="Quarenta dígitos do olhar.vae que ninguém escreveu, e o caminho de 1 a 0.",
)

# %% [markdown] lang="en"
# ## Exercises
#
# 1. What does a cloud N(1, 1) pay, in nats, for being unlike the prior N(0, 1)?
# 2. Write `sample(mean, log_scale, noise)`: a z whose gradient flows, from the mean, the *logarithm* of
#    the deviation, and noise from N(0, 1).
# 3. Write `divergence(mean, log_scale)`: for tensors `(N, L)` the nats of each picture, `(N,)`.

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. Quanto uma nuvem N(1, 1) paga, em nats, por ser diferente do prior N(0, 1)?
# 2. Escreva `sample(mean, log_scale, noise)`: um z por onde o gradiente passa, a partir da média, do
#    *logaritmo* do desvio e de um ruído de N(0, 1).
# 3. Escreva `divergence(mean, log_scale)`: de tensores `(N, L)`, os nats de cada imagem, `(N,)`.

# %%
price = ...
sample = ...  # lambda mean, log_scale, noise: ...
divergence = ...  # lambda mean, log_scale: ...

check("variational.price", price)
check("variational.sample", sample)
check("variational.divergence", divergence)
