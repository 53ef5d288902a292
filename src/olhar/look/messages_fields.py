"""Names of the fields of forms, and in Portuguese what they mean; the English is beside the field.

A field is declared once, in its dataclass: `olhar.studio.forms` reads name, range and English help
there. What is here is the label above a control, and the translation of the help below it.
"""

from olhar.look.phrase import Phrase

FIELDS: dict[str, tuple[str, str, str]] = {
    # Colorize
    "vivid": (
        "Vividness",
        "Vivacidade",
        "0 é seguro e sem graça, 1 tão colorido quanto é plausível",
    ),
    "saturation": ("Saturation", "Saturação", "fator que multiplica a força de todas as cores"),
    "views": (
        "Looks",
        "Olhares",
        "quantas vezes a rede olha: também espelhada, ou em outros tamanhos",
    ),
    "reach": (
        "Reach of a hint",
        "Alcance de uma dica",
        "até onde uma dica vai, sem borda que a pare",
    ),
    "seed": ("Seed", "Semente", "o mesmo número dá o mesmo resultado"),
    # Restyle
    "strength": (
        "Strength",
        "Força",
        "quanto da pintura: 0,5 mantém mais da fotografia, 3 a dissolve",
    ),
    "stroke": (
        "Brush strokes",
        "Pinceladas",
        "tamanho das pinceladas; 1 mostra a pintura do tamanho da imagem",
    ),
    "size": ("Size", "Tamanho", "lado maior do resultado, em pixels"),
    "colors": ("Colours", "Cores", "de quem são as cores: da pintura ou da fotografia"),
    "iterations": (
        "Steps",
        "Passos",
        "passos de gradiente em cada tamanho até 256 pixels, e menos nos maiores",
    ),
    "smooth": (
        "Smoothness",
        "Suavidade",
        "quanto pixels vizinhos ficam juntos; 0 deixa todo o grão",
    ),
    "loss": (
        "What style is",
        "O que é estilo",
        "matrizes de Gram, ou médias e covariâncias (wasserstein)",
    ),
    # Trainings
    "epochs": ("Epochs", "Épocas", "quantas vezes cada exemplo é visto"),
    "batch_size": ("Batch size", "Tamanho do lote", "exemplos por passo, no máximo"),
    "learning_rate": (
        "Learning rate",
        "Taxa de aprendizado",
        "a maior taxa ao longo do treino",
    ),
    "patience": (
        "Patience",
        "Paciência",
        "avaliações à espera de uma melhor; 0 espera até o fim",
    ),
    "label_smoothing": (
        "Label smoothing",
        "Suavização dos rótulos",
        "quanta probabilidade a perda deixa às outras classes",
    ),
    "fit": (
        "Pictures that are no squares",
        "Imagens que não são quadradas",
        "o que se usa delas: o meio, tudo entre faixas cinza, tudo distorcido",
    ),
    "classifier.size": (
        "Size of the pictures",
        "Tamanho das imagens",
        "lado das imagens; 0 é o delas, até 64",
    ),
    "stylizer.stroke": (
        "Brush strokes",
        "Pinceladas",
        "tamanho das pinceladas; 1 mostra a pintura do tamanho de uma imagem de 512 pixels",
    ),
    "steady": (
        "Steadiness",
        "Estabilidade",
        "quanto as pinceladas acompanham o que pintam, para filmes; 0 é nada",
    ),
    "stylizer.size": (
        "Size of the pieces",
        "Tamanho dos pedaços",
        "lado dos pedaços com que aprende; 0 é 192, ou o de fotografias menores",
    ),
    "stylizer.epochs": (
        "Epochs",
        "Épocas",
        "quantas vezes cada fotografia é vista e, se forem poucas, mais vezes",
    ),
    "vae.size": (
        "Size of the pictures",
        "Tamanho das imagens",
        "lado das imagens, múltiplo de 4; 0 é o delas, até 64",
    ),
    "latent": ("Latent numbers", "Números latentes", "números, ou canais de mapas; 0: 32 ou 48"),
    "shape": (
        "Shape of the latents",
        "Forma dos latentes",
        "um vetor, como para dígitos, ou mapas que guardam lugares; auto decide pela cor",
    ),
    "beta": (
        "Weight of the divergence",
        "Peso da divergência",
        "1 é o limite; mais é mais suave e menos exato",
    ),
    # Face swaps
    "preset": (
        "Network",
        "Rede",
        (
            "leve para um processador, qualidade para uma placa de vídeo, clássica como publicada "
            "em 2017; auto decide pela máquina"
        ),
    ),
    "faceswap.size": (
        "Size of the faces",
        "Tamanho dos rostos",
        "lado dos rostos; 0 é o da rede: 112, 64 ou 192",
    ),
    "evaluate_every": (
        "Epochs from one picture to the next",
        "Épocas de uma imagem à próxima",
        "épocas entre avaliações",
    ),
    "bend": (
        "Bending",
        "Deformação",
        (
            "quanto os rostos são deformados, em relação ao lado; mais parece mais com a pessoa, "
            "menos é mais nítido"
        ),
    ),
    "mirror": (
        "Mirror half of the faces",
        "Espelhar metade dos rostos",
        "mais poses, mas um penteado ou uma cicatriz nos dois lados",
    ),
    "color": (
        "Colours",
        "Cores",
        "como o rosto novo toma as cores do antigo",
    ),
    "blend": ("Joining", "Junção", "como ele é unido à imagem"),
    "mask": (
        "What is face",
        "O que é rosto",
        "o contorno dos pontos, o que o modelo diz, ou onde ambos concordam",
    ),
    "erode": (
        "Narrower mask",
        "Máscara mais estreita",
        "o que a máscara perde em volta, em relação à largura do rosto",
    ),
    "blur": (
        "Softer edge",
        "Borda mais suave",
        "com que suavidade ela termina, em relação à largura do rosto",
    ),
    "occlusion": (
        "What stands before the face",
        "O que está diante do rosto",
        (
            "com que facilidade o que está diante de um rosto, como uma mão, fica: 0 nunca, 0,5 "
            "o que claramente não é rosto"
        ),
    ),
    "detail": (
        "Sharpness and grain",
        "Nitidez e grão",
        "até onde a nitidez e o grão são igualados",
    ),
    "smallest": (
        "Smallest face",
        "Menor rosto",
        "rostos menores ficam como estão, em pixels de largura",
    ),
    "turn": (
        "How far a face may look away",
        "Quanto um rosto pode estar virado",
        "rostos mais virados ficam como estão, em graus",
    ),
}
"""Field, or form and field, to its label in both languages and its help in Portuguese."""

CHOICES: dict[str, Phrase] = {
    "choice.views.one": Phrase("one", "um"),
    "choice.views.flip": Phrase("two, mirrored", "dois, espelhado"),
    "choice.views.many": Phrase("many", "vários"),
    "choice.colors.style": Phrase("the painting's", "da pintura"),
    "choice.colors.content": Phrase("the photograph's", "da fotografia"),
    "choice.loss.gram": Phrase("gram", "gram"),
    "choice.loss.wasserstein": Phrase("wasserstein", "wasserstein"),
    "choice.fit.crop": Phrase("crop", "cortar"),
    "choice.fit.pad": Phrase("pad", "completar"),
    "choice.fit.stretch": Phrase("stretch", "esticar"),
    "choice.shape.auto": Phrase("auto", "auto"),
    "choice.shape.vector": Phrase("vector", "vetor"),
    "choice.shape.maps": Phrase("maps", "mapas"),
    "choice.preset.auto": Phrase("auto", "auto"),
    "choice.preset.light": Phrase("light", "leve"),
    "choice.preset.classic": Phrase("classic", "clássica"),
    "choice.preset.quality": Phrase("quality", "qualidade"),
    "choice.color.transport": Phrase("all of them", "todas"),
    "choice.color.reinhard": Phrase("mean and spread", "média e dispersão"),
    "choice.color.histogram": Phrase("histogram", "histograma"),
    "choice.color.none": Phrase("none", "nenhuma"),
    "choice.blend.bands": Phrase("soft", "suave"),
    "choice.blend.alpha": Phrase("plain", "simples"),
    "choice.blend.poisson": Phrase("seamless", "sem emenda"),
    "choice.mask.both": Phrase("where both agree", "onde ambos concordam"),
    "choice.mask.hull": Phrase("the points", "os pontos"),
    "choice.mask.learned": Phrase("the model", "o modelo"),
}
"""What can be chosen, as a person reads it."""
