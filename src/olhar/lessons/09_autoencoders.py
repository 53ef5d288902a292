# %% [markdown] lang="en"
# # 9. Autoencoders
#
# Describe a picture over the telephone, in eight numbers, so that a friend can draw it. You both need a
# code, and nobody has written one down. An autoencoder learns it: the *encoder* turns a picture into a
# few numbers, a place in *latent space*; the *decoder* draws it again; and both are taught by one question,
# how far the drawing is from the picture. Nobody has to label anything. What fits through the narrow place
# is what the pictures have in common; what does not fit is left out, and often that is the noise.

# %% [markdown] lang="pt"
# # 9. Autoencoders
#
# Descreva uma imagem por telefone, com oito números, para que um amigo a desenhe. Vocês dois precisam de
# um código, e ninguém escreveu um. O autoencoder aprende: o *encoder* transforma a imagem em poucos
# números, um lugar no *espaço latente*; o *decoder* desenha de novo; e os dois aprendem com uma só
# pergunta, a que distância o desenho ficou da imagem. Ninguém precisa rotular nada. O que passa pelo
# gargalo é o que as imagens têm em comum; o que não passa fica de fora, e muitas vezes é o ruído.

# %% [markdown] lang="en"
# ## From nothing
#
# Start with the simplest code there is: sums. Each of the eight numbers is a weighted sum of the pixels,
# and the drawing is a weighted sum of eight fixed pictures, the *axes*. Which axes are best was known
# long before there were networks: the directions in which the pictures differ most. To find the first
# one, start anywhere and multiply by the covariance again and again. What differs most grows fastest.
# Then take it away and look for the next. This is principal component analysis, PCA.

# %% [markdown] lang="pt"
# ## Do zero
#
# Comece pelo código mais simples que existe: somas. Cada um dos oito números é uma soma ponderada dos
# pixels, e o desenho é uma soma ponderada de oito imagens fixas, os *eixos*. Quais são os melhores eixos
# já se sabia muito antes das redes: as direções em que as imagens mais diferem. Para achar a primeira,
# comece em qualquer lugar e multiplique pela covariância, de novo e de novo. O que mais difere cresce
# mais depressa. Depois retire-a e procure a próxima. Isso é a análise de componentes principais, PCA.

# %%
import torch

from olhar.lessons.digits import split

parts = split()
train, test = (parts[part][0].flatten(1) for part in ("train", "test"))  # (1000, 64), (400, 64)
mean = train.mean(0)


def principal(rows, count, rounds=300):
    """The axes (count, D) along which rows (N, D) differ most."""
    centred = (rows - rows.mean(0)).double()
    covariance = centred.T @ centred / len(rows)
    found = []
    for _ in range(count):
        axis = torch.ones(len(covariance), dtype=torch.float64)
        for _ in range(rounds):
            axis = covariance @ axis
            axis = axis / axis.norm()
        found.append(axis)
        spread = axis @ covariance @ axis
        covariance = covariance - spread * torch.outer(axis, axis)  # as if it were not there
    return torch.stack(found).float()


axes = principal(train, 32)


def encode(rows, count):
    return (rows - mean) @ axes[:count].T  # (N, D) -> (N, count)


def decode(codes):
    return codes @ axes[: codes.shape[1]] + mean  # (N, count) -> (N, D)


def error(made, rows):
    return (made - rows).square().mean().item()


exact = torch.linalg.svd(train - mean, full_matrices=False).Vh[:8]
agreement = (axes[:8] * exact).sum(1).abs()  # 1 if they point the same way, or the opposite one
print("our axes and those of torch.linalg.svd:", [round(each, 4) for each in agreement.tolist()])
assert agreement.min() > 0.999

# %% jupyter={"source_hidden": true}
from olhar.lessons import check, pace, predict, reveal, say, show
from olhar.lessons.drawing import heat, sheet

show(
    [heat(axis.reshape(8, 8)) for axis in axes[:8]],
    en="The first eight axes: indigo adds ink, amber takes it away.",
    pt="Os primeiros oito eixos: azul põe tinta, âmbar tira.",
    enlarge=10,
)

# %% jupyter={"source_hidden": true}
predict(
    en="A digit has 64 pixels. How many numbers does a code need to hold 90% of how they differ?",
    pt="Um dígito tem 64 pixels. De quantos números um código precisa para guardar 90% das "
    "diferenças?",
)

# %%
kept = [1 - error(decode(encode(train, k)), train) / error(mean, train) for k in range(1, 33)]
enough = 1 + next(k for k, share in enumerate(kept) if share >= 0.9)

# %% jupyter={"source_hidden": true}
reveal(
    enough,
    en="pixels that are neighbours say nearly the same. A third of the numbers is enough.",
    pt="pixels vizinhos dizem quase a mesma coisa. Um terço dos números basta.",
)
ten = torch.stack([test[parts["test"][1] == digit][0] for digit in range(10)])
rows = [ten, *(decode(encode(ten, k)) for k in (2, 8, 32))]
show(
    sheet(1 - torch.cat(rows).reshape(-1, 1, 8, 8), 10),
    en="Ten digits, and drawn again from 2, 8 and 32 numbers.",
    pt="Dez dígitos, e redesenhados a partir de 2, 8 e 32 números.",
    enlarge=6,
)

# %% [markdown] lang="en"
# ## The same with torch
#
# Now we pretend to know nothing of covariances. Two linear layers, 64 → 8 → 64, random at the start,
# and the gradient of the error. They end at the same place: not at the same eight axes, but in the same
# space that these span, and so at the same drawings. *A linear autoencoder is PCA, learned.*

# %% [markdown] lang="pt"
# ## O mesmo com torch
#
# Agora fingimos não saber nada de covariâncias. Duas camadas lineares, 64 → 8 → 64, aleatórias no
# começo, e o gradiente do erro. Elas chegam ao mesmo lugar: não aos mesmos oito eixos, mas ao mesmo
# espaço que eles geram, e por isso aos mesmos desenhos. *Um autoencoder linear é PCA aprendida.*

# %%
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
linear = nn.Sequential(nn.Linear(64, 8), nn.Linear(8, 64))
optimizer = torch.optim.LBFGS(
    linear.parameters(), max_iter=300, line_search_fn="strong_wolfe", tolerance_change=0
)


def closure():
    optimizer.zero_grad()
    loss = F.mse_loss(linear(train), train)
    loss.backward()
    return loss


optimizer.step(closure)
with torch.no_grad():
    ratio = error(linear(train), train) / error(decode(encode(train, 8)), train)
    apart = (linear(train) - decode(encode(train, 8))).abs().max().item()
print(f"error, trained over PCA: {ratio:.5f}; drawings differ by at most {apart:.3f}")
assert ratio < 1.001
assert apart < 0.05

# %% [markdown] lang="en"
# ## Curves instead of sums
#
# Nothing beats PCA with sums. With a nonlinearity between the layers the code may be curved: a stroke
# that leans more and more is one number then, and not five. Same eight numbers, digits that neither of
# the two has seen.

# %% [markdown] lang="pt"
# ## Curvas em vez de somas
#
# Com somas, nada supera a PCA. Com uma não linearidade entre as camadas o código pode ser curvo: um
# traço que se inclina cada vez mais passa a ser um número, e não cinco. Os mesmos oito números, dígitos
# que nenhum dos dois viu.


# %%
def curved(numbers, steps, noise=0.0):
    """An autoencoder 64 -> 128 -> numbers -> 128 -> 64; with noise it learns to take noise away."""
    torch.manual_seed(0)
    network = nn.Sequential(
        *[nn.Linear(64, 128), nn.GELU(), nn.Linear(128, numbers)],
        *[nn.Linear(numbers, 128), nn.GELU(), nn.Linear(128, 64)],
    )
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        clean = train[torch.randint(len(train), (256,))] - mean
        given = clean + noise * torch.randn_like(clean)
        loss = F.mse_loss(network(given), clean)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.requires_grad_(False)


steps = pace(800, fast=60)
eight = curved(8, steps)
straight_error = error(decode(encode(test, 8)), test)
curved_error = error(eight(test - mean) + mean, test)
print(f"eight numbers, new digits: sums {straight_error:.4f}, curves {curved_error:.4f}")
if steps > 100:
    assert curved_error < 0.8 * straight_error

# %% jupyter={"source_hidden": true}
rows = [ten, decode(encode(ten, 8)), eight(ten - mean) + mean]
show(
    sheet(1 - torch.cat(rows).reshape(-1, 1, 8, 8), 10),
    en="Digits; from eight sums; from eight numbers of a curved code.",
    pt="Dígitos; a partir de oito somas; a partir de oito números de um código curvo.",
    enlarge=6,
)

# %% [markdown] lang="en"
# ## A data set in fewer bytes
#
# Fewer numbers are not yet fewer bytes. Numbers must be rounded and written to a file, and the decoder
# has to travel along, or nobody can read it. We write all 1797 digits three times: as PNG, which loses
# nothing; as JPEG; and as 16 rounded sums each, together with the axes. JPEG is an autoencoder too:
# blocks of 8 × 8, sums along 64 axes, rounded. But its axes are fixed, and the same for all pictures in
# the world.

# %% [markdown] lang="pt"
# ## Um dataset em menos bytes
#
# Menos números ainda não são menos bytes. É preciso arredondar os números e gravar num arquivo, e o
# decoder tem de ir junto, senão ninguém consegue ler. Gravamos todos os 1797 dígitos de três modos: como
# PNG, que não perde nada; como JPEG; e como 16 somas arredondadas cada um, junto com os eixos. O JPEG
# também é um autoencoder: blocos de 8 × 8, somas ao longo de 64 eixos, arredondadas. Mas os eixos dele
# são fixos, os mesmos para todas as imagens do mundo.

# %%
import tempfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from olhar.lessons.digits import digits

every = digits()[0]  # (1797, 1, 8, 8)
atlas = torch.cat([every, torch.zeros(9, 1, 8, 8)])  # 42 rows of 43
atlas = atlas.reshape(42, 43, 8, 8).transpose(1, 2).reshape(336, 344)


def psnr(made, image):
    """Decibels; 10 more is a tenth of the error."""
    return -10 * (made - image).square().mean().log10().item()


with tempfile.TemporaryDirectory() as folder:
    png, jpeg, ours = (Path(folder, f"digits.{suffix}") for suffix in ("png", "jpg", "codes"))
    levels = Image.fromarray(atlas.mul(255).round().byte().numpy())
    levels.save(png, optimize=True)
    levels.save(jpeg, quality=20, optimize=True)

    step = 0.3
    codes = (encode(every.flatten(1), 16) / step).round().to(torch.int8)  # (1797, 16)
    decoder = torch.cat([axes[:16], mean[None]]).half().numpy().tobytes()
    ours.write_bytes(decoder + zlib.compress(codes.T.contiguous().numpy().tobytes(), 9))

    bytes_of = {file.suffix: file.stat().st_size for file in (png, jpeg, ours)}
    from_jpeg = torch.from_numpy(np.array(Image.open(jpeg))).float() / 255
    saved = ours.read_bytes()
    table = np.frombuffer(saved[: 17 * 64 * 2], np.float16).reshape(17, 64).astype(np.float32)
    read = np.frombuffer(zlib.decompress(saved[17 * 64 * 2 :]), np.int8).reshape(16, -1).T
    from_ours = torch.from_numpy(read * np.float32(step) @ table[:16] + table[16]).clamp(0, 1)

quality = {".jpg": psnr(from_jpeg, atlas), ".codes": psnr(from_ours, every.flatten(1))}
for suffix, size in bytes_of.items():
    told = f"{quality[suffix]:.1f} dB" if suffix in quality else "nothing lost"
    print(f"{suffix:7} {size:6,} bytes, {told}")
assert bytes_of[".codes"] < bytes_of[".jpg"] / 1.5 < bytes_of[".png"]
assert quality[".codes"] > quality[".jpg"]

# %% [markdown] lang="en"
# ## Noise does not fit
#
# Noise is different at every pixel. Eight numbers cannot hold it. So let us train the other way: show
# the network a noisy digit and ask for the clean one.

# %% [markdown] lang="pt"
# ## O ruído não cabe
#
# O ruído é diferente em cada pixel. Oito números não conseguem guardá-lo. Então vamos treinar de outro
# jeito: mostrar à rede um dígito com ruído e pedir o limpo.

# %% jupyter={"source_hidden": true}
predict(
    en="PCA takes noise away too. With which code does it clean best: 2, 8, 12, 24 or 32 numbers?",
    pt="A PCA também tira ruído. Com qual código ela limpa melhor: 2, 8, 12, 24 ou 32 números?",
)

# %%
torch.manual_seed(1)
noisy = test + 0.3 * torch.randn_like(test)
by_sums = {k: error(decode(encode(noisy, k)), test) for k in (2, 8, 12, 24, 32)}
denoiser = curved(32, steps, noise=0.3)
cleaned = denoiser(noisy - mean) + mean
print(f"noisy {error(noisy, test):.4f}")
for k, left in by_sums.items():
    print(f"PCA, {k:2} numbers {left:.4f}")
print(f"trained with noise {error(cleaned, test):.4f}")

# %% jupyter={"source_hidden": true}
reveal(
    min(by_sums, key=lambda k: by_sums[k]),
    en="fewer lose the digit, more let the noise through. A network that was shown noise does better "
    "than all of them.",
    pt="com menos, perde-se o dígito; com mais, o ruído passa. Uma rede que viu ruído no treino faz "
    "melhor que todas.",
)
if steps > 100:
    assert error(cleaned, test) < min(by_sums.values()) < error(noisy, test)
places = [int((parts["test"][1] == digit).nonzero()[0]) for digit in range(10)]
rows = [test[places], noisy[places], decode(encode(noisy[places], 12)), cleaned[places]]
show(
    sheet(1 - torch.cat(rows).reshape(-1, 1, 8, 8).clamp(0, 1), 10),
    en="Clean, noisy, cleaned by PCA with 12 numbers, cleaned by the network.",
    pt="Limpo, com ruído, limpo pela PCA com 12 números, limpo pela rede.",
    enlarge=6,
)

# %% [markdown] lang="en"
# ## Drawing from nowhere
#
# The decoder draws whatever eight numbers we give it. Give it random ones, and it invents digits. Some
# are good, many are nothing: between the codes of real digits there are gaps where it never learned
# anything. The next lesson closes them.

# %% [markdown] lang="pt"
# ## Desenhar do nada
#
# O decoder desenha com quaisquer oito números. Dê números aleatórios, e ele inventa dígitos. Alguns
# ficam bons, muitos não são nada: entre os códigos dos dígitos reais há vazios onde ele nunca aprendeu
# coisa alguma. A próxima lição fecha esses vazios.

# %%
real = eight[:3](train - mean)
torch.manual_seed(4)
random_codes = real.mean(0) + real.std(0) * torch.randn(20, 8)
invented = eight[3:](random_codes) + mean

# %% jupyter={"source_hidden": true}
show(
    sheet(1 - invented.reshape(-1, 1, 8, 8).clamp(0, 1), 10),
    en="Drawn from random codes.",
    pt="Desenhados a partir de códigos aleatórios.",
    enlarge=6,
)

# %% [markdown] lang="en"
# ## The same with olhar
#
# `olhar train autoencoder FOLDER --latent 8` does all of this with a folder of pictures: split, training,
# checkpoints, a report. Here is the same from Python. It is the curved code, so it has to beat our sums.

# %% [markdown] lang="pt"
# ## O mesmo com o olhar
#
# `olhar train autoencoder FOLDER --latent 8` faz tudo isso com uma pasta de imagens: divisão, treino,
# checkpoints, relatório. Aqui está o mesmo em Python. É o código curvo, então tem de superar as nossas
# somas.

# %%
import olhar
from olhar.autoencode import encode as olhar_encode
from olhar.autoencode import load
from olhar.lessons.digits import pictures

with tempfile.TemporaryDirectory() as folder:
    data = Path(folder, "digits")
    data.mkdir()
    for i, picture in enumerate(pictures(parts["train"][0])):
        levels = picture.permute(1, 2, 0).mul(255).round().byte().numpy()
        Image.fromarray(levels).save(data / f"{i:04}.png")
    recipe = olhar.Autoencoder(
        data=data,
        architecture="dense",
        latent=8,
        widths=(128,),
        epochs=pace(30, fast=1),
        learning_rate=5e-3,
        schedule="cosine",
        ema=0,
    )
    *_, stopped = olhar.fit(recipe, Path(folder, "run"))
    model = load(stopped.model)

new = pictures(parts["test"][0])  # (400, 3, 8, 8), dark on light
codes = olhar_encode(new, model)
with torch.no_grad():
    drawn = model.network(new)
olhar_error = error(drawn, new)
print(f"codes {tuple(codes.shape)}; error {olhar_error:.4f}, of eight sums {straight_error:.4f}")
assert codes.shape == (400, 8)
if steps > 100:
    assert olhar_error < straight_error

# %% [markdown] lang="en"
# ## Storage saved
#
# `olhar pack` is an autoencoder for pictures of any sort and size, and it comes with olhar. It has two
# parts more than ours: a network that says how probable each rounded number is, and a coder that writes
# the probable ones in fewer bits. What the decoder weighs does not count here, since it is installed
# already. We pack 24 drawn faces, and ask how many bytes JPEG needs for the same quality, in its best
# form: all of them in one file.

# %% [markdown] lang="pt"
# ## Espaço economizado
#
# `olhar pack` é um autoencoder para imagens de qualquer tipo e tamanho, e vem com o olhar. Ele tem duas
# partes a mais que o nosso: uma rede que diz quão provável é cada número arredondado, e um codificador
# que escreve os prováveis com menos bits. O peso do decoder aqui não conta, pois já está instalado.
# Compactamos 24 rostos desenhados e perguntamos quantos bytes o JPEG gasta para a mesma qualidade, na
# sua melhor forma: todos num só arquivo.

# %%
import io

from olhar.samples.face import face

generator = torch.Generator().manual_seed(0)
people = []
for i in range(pace(24, fast=4)):
    yaw, pitch, mouth = torch.rand(3, generator=generator).tolist()
    people.append(face(i % 6, 96, yaw=60 * yaw - 30, pitch=20 * pitch - 10, mouth=mouth))

with tempfile.TemporaryDirectory() as folder:
    for i, person in enumerate(people):
        olhar.write(Path(folder, "faces", f"{i:02}.png"), person, mark=None)
    packed = olhar.pack(Path(folder, "faces"), Path(folder, "faces.olhar"))
    olhar.unpack(packed.target, Path(folder, "back"))
    back = [olhar.read(path).image for path in sorted(Path(folder, "back").glob("*.png"))]

wide, wide_back = torch.cat(people, 2), torch.cat(back, 2)
decibels = psnr(wide_back, wide)
levels = Image.fromarray(wide.permute(1, 2, 0).mul(255).round().byte().numpy())
for quality in range(5, 96):
    box = io.BytesIO()
    levels.save(box, "JPEG", quality=quality, optimize=True)
    as_jpeg = torch.from_numpy(np.array(Image.open(box))).permute(2, 0, 1) / 255
    if psnr(as_jpeg, wide) >= decibels:
        break
needed = len(box.getvalue())

# %% jupyter={"source_hidden": true}
say(
    f"PNG {packed.before:,} bytes; at {decibels:.1f} dB, JPEG {needed:,} and olhar pack "
    f"{packed.after:,}: {packed.before / packed.after:.0f} and {needed / packed.after:.1f} times fewer",
    f"PNG {packed.before:,} bytes; a {decibels:.1f} dB, JPEG {needed:,} e olhar pack "
    f"{packed.after:,}: {packed.before / packed.after:.0f} e {needed / packed.after:.1f} vezes menos",
)
assert packed.after < needed < packed.before
show(
    [*people[:4], *back[:4]],
    en="Four of the faces, before and after packing.",
    pt="Quatro dos rostos, antes e depois de compactar.",
)

# %% [markdown] lang="en"
# And `olhar.denoise` is a network that saw noise of all sorts on photographs. It has no narrow place in
# the middle; for noise, being shown noise is what counts.

# %% [markdown] lang="pt"
# E `olhar.denoise` é uma rede que viu ruído de todo tipo em fotos. Ela não tem gargalo no meio; contra
# o ruído, o que conta é ter visto ruído.

# %%
torch.manual_seed(0)
portrait = face(2, 192, yaw=15, smile=0.6)
grainy = portrait + 0.1 * torch.randn_like(portrait)
clean = olhar.denoise(grainy)
print(f"noisy {psnr(grainy, portrait):.1f} dB, clean {psnr(clean, portrait):.1f} dB")
assert psnr(clean, portrait) > psnr(grainy, portrait) + 5

# %% jupyter={"source_hidden": true}
show(
    [portrait, grainy, clean],
    en="A face, the same with noise, and what olhar.denoise makes of that.",
    pt="Um rosto, o mesmo com ruído, e o que olhar.denoise faz dele.",
)

# %% [markdown] lang="en"
# ## Exercises
#
# 1. A colour picture of 64 × 64 pixels, one byte per value, becomes a code of 16 numbers of one byte
#    each. How many times fewer bytes is that?
# 2. Write `encoder(rows, mean, axes)`: rows `(N, D)`, mean `(D,)`, axes `(K, D)` of length 1; it returns
#    the codes `(N, K)`.
# 3. A denoiser is trained with pairs of a noisy and a clean picture. Which one is the target of the
#    loss, `"noisy"` or `"clean"`?

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. Uma imagem colorida de 64 × 64 pixels, um byte por valor, vira um código de 16 números de um byte
#    cada. Quantas vezes menos bytes são?
# 2. Escreva `encoder(rows, mean, axes)`: linhas `(N, D)`, média `(D,)`, eixos `(K, D)` de comprimento 1;
#    a função devolve os códigos `(N, K)`.
# 3. Um denoiser é treinado com pares de uma imagem com ruído e uma limpa. Qual delas é o alvo da loss,
#    `"noisy"` (com ruído) ou `"clean"` (limpa)?

# %%
times_fewer = ...
encoder = ...  # lambda rows, mean, axes: ...
target = ...

check("autoencoders.times", times_fewer)
check("autoencoders.encoder", encoder)
check("autoencoders.target", target)
