"""What `olhar inspect` and `olhar consent` say, in both languages."""

from olhar.look.phrase import Phrase

MARKS: dict[str, Phrase] = {
    # Whether it holds
    "inspect.own": Phrase(
        "trusted: signed on this computer, and nothing was changed since",
        "confiável: assinado neste computador, e nada mudou desde então",
    ),
    "inspect.trusted": Phrase(
        "trusted: signed by {signer}, whose root you trust, and nothing was changed since",
        "confiável: assinado por {signer}, em cuja raiz você confia, e nada mudou desde então",
    ),
    "inspect.intact": Phrase(
        "intact, but the signer is not known: nothing was changed since it was signed, by "
        '"{signer}", which may be anybody',
        "íntegro, mas não se sabe quem assinou: nada mudou desde a assinatura, de “{signer}”, "
        "que pode ser qualquer pessoa",
    ),
    "inspect.altered": Phrase(
        "ALTERED: this is not what was signed; do not believe what it declares ({why})",
        "ALTERADO: não é isto o que foi assinado; não acredite no que ele declara ({why})",
    ),
    "inspect.nothing": Phrase(
        "nothing declared, which proves nothing: marks are easily lost on the way",
        "nada declarado, o que não prova nada: as marcas se perdem facilmente pelo caminho",
    ),
    "inspect.unsigned": Phrase(
        "no signature; an unsigned note (XMP) says: {kind}",
        "sem assinatura; uma nota não assinada (XMP) diz: {kind}",
    ),
    "inspect.elsewhere": Phrase(
        "it names credentials at {address}, which olhar did not fetch",
        "ele indica credenciais em {address}, que o olhar não buscou",
    ),
    "inspect.bytes": Phrase(
        "its picture or sound was changed", "a imagem ou o som foram modificados"
    ),
    "inspect.words": Phrase("its declaration was changed", "a própria declaração foi modificada"),
    "inspect.expired": Phrase(
        "the certificate has run out, or had when it was signed",
        "o certificado venceu, ou já estava vencido na hora da assinatura",
    ),
    "inspect.broken": Phrase("failed: {why}", "falhou: {why}"),
    "inspect.counts": Phrase(
        "{files} files: {trusted} trusted, {intact} intact by unknown signers, {altered} altered, "
        "{nothing} declare nothing",
        "{files} arquivos: {trusted} confiáveis, {intact} íntegros de autoria desconhecida, "
        "{altered} alterados, {nothing} sem declaração",
    ),
    # What was done, and from what
    "inspect.by": Phrase("with {tool}, signed by {signer}", "com {tool}, assinado por {signer}"),
    "inspect.at": Phrase("at {time}", "em {time}"),
    "inspect.model": Phrase("model {model}", "modelo {model}"),
    "inspect.card": Phrase("its card: {card}", "a ficha do modelo: {card}"),
    "inspect.consent": Phrase(
        "people shown agreed: record {consent}",
        "as pessoas mostradas consentiram: registro {consent}",
    ),
    "inspect.from": Phrase("from {what}", "a partir de {what}"),
    "inspect.with": Phrase("and with {what}", "e com {what}"),
    "inspect.picture": Phrase("a picture ({format})", "uma imagem ({format})"),
    "inspect.film": Phrase("a film ({format})", "um vídeo ({format})"),
    "inspect.file": Phrase("a file ({format})", "um arquivo ({format})"),
    "inspect.some": Phrase("a file of another kind", "um arquivo de outro tipo"),
    "inspect.mute": Phrase("{what} that declared nothing", "{what} que nada declarava"),
    "inspect.said": Phrase("{what} that declared:", "{what} que declarava:"),
    "inspect.changed": Phrase(
        "{what} that had been ALTERED since it was signed and declared:",
        "{what} com conteúdo ALTERADO desde a assinatura e que declarava:",
    ),
    "inspect.nobody": Phrase("nobody named", "ninguém nomeado"),
    # Deeds of olhar
    "deed.colorized": Phrase("coloured by a machine", "colorido por máquina"),
    "deed.restyled": Phrase("restyled by a machine", "estilizado por máquina"),
    "deed.swapped": Phrase("a face swapped by a machine", "rosto trocado por máquina"),
    "deed.generated": Phrase("made wholly by a machine", "feito inteiramente por máquina"),
    "deed.interpolated": Phrase(
        "made by a machine, between two pictures", "feito por máquina, entre duas imagens"
    ),
    "deed.reconstructed": Phrase("redrawn by a machine", "redesenhado por máquina"),
    "deed.denoised": Phrase("noise taken off by a machine", "ruído retirado por máquina"),
    "deed.shown": Phrase(
        "a sheet of pictures, some of them made by a machine",
        "uma folha de imagens, algumas delas feitas por máquina",
    ),
    # Actions of C2PA
    "action.created": Phrase("created", "criado"),
    "action.opened": Phrase("opened", "aberto"),
    "action.edited": Phrase("edited", "editado"),
    "action.cropped": Phrase("cropped", "recortado"),
    "action.resized": Phrase("resized", "redimensionado"),
    "action.converted": Phrase("converted", "convertido"),
    "action.transcoded": Phrase("transcoded", "transcodificado"),
    "action.placed": Phrase("something placed in it", "algo inserido"),
    "action.published": Phrase("published", "publicado"),
    "action.filtered": Phrase("filtered", "filtrado"),
    "action.drawing": Phrase("drawn on", "desenhado"),
    "action.enhanced": Phrase("enhanced", "aprimorado"),
    "action.orientation": Phrase("turned", "girado"),
    "action.adjustedColor": Phrase("colours adjusted", "cores ajustadas"),
    "action.color_adjustments": Phrase("colours adjusted", "cores ajustadas"),
    "action.removed": Phrase("something removed", "algo removido"),
    "action.watermarked": Phrase("watermarked", "marcado com marca-d’água"),
    # Digital source types of IPTC
    "kind.trainedAlgorithmicMedia": Phrase(
        "made by a trained machine", "feito por uma máquina treinada"
    ),
    "kind.compositeWithTrainedAlgorithmicMedia": Phrase(
        "in part made by a trained machine", "feito em parte por uma máquina treinada"
    ),
    "kind.algorithmicallyEnhanced": Phrase("improved by a program", "melhorado por um programa"),
    "kind.algorithmicMedia": Phrase(
        "made by a program that learned nothing", "feito por um programa que nada aprendeu"
    ),
    "kind.compositeSynthetic": Phrase(
        "put together, some of it synthetic", "montagem com partes sintéticas"
    ),
    "kind.composite": Phrase("put together from several", "montagem de vários elementos"),
    "kind.compositeCapture": Phrase("put together from photographs", "montagem de fotografias"),
    "kind.digitalCapture": Phrase("taken by a camera", "captado por uma câmera"),
    "kind.computationalCapture": Phrase(
        "taken by a camera that computes", "captado por uma câmera computacional"
    ),
    "kind.digitalCreation": Phrase("made by a person", "criado por uma pessoa"),
    "kind.humanEdits": Phrase("edited by a person", "editado por uma pessoa"),
    "kind.screenCapture": Phrase("a picture of a screen", "captura de tela"),
    "kind.negativeFilm": Phrase("scanned from a negative", "digitalizado de um negativo"),
    "kind.positiveFilm": Phrase("scanned from a slide", "digitalizado de um diapositivo"),
    "kind.print": Phrase("scanned from a print", "digitalizado de uma cópia em papel"),
    # Consent
    "consent.who": Phrase(
        "Who is shown? One name; an empty line ends the list:",
        "Quem aparece? Um nome; uma linha vazia encerra a lista:",
    ),
    "consent.by": Phrase(
        "Who gave the consent for {person}? Empty if they did so themselves:",
        "Quem deu o consentimento por {person}? Deixe vazio se foi a própria pessoa:",
    ),
    "consent.scope": Phrase(
        "For what? train, swap or publish, with commas between:",
        "Para quê? train (treinar), swap (trocar o rosto) ou publish (publicar), entre vírgulas:",
    ),
    "consent.until": Phrase("Until when (YYYY-MM-DD)?", "Até quando (AAAA-MM-DD)?"),
    "consent.evidence": Phrase(
        "The file that proves it (a signed letter, a recording):",
        "O arquivo que o comprova (uma carta assinada, uma gravação):",
    ),
    "consent.artistic": Phrase(
        "If the work is evidently artistic, why? Empty if it is not:",
        "Se a obra é evidentemente artística, por quê? Deixe vazio se não é:",
    ),
}
"""Key to what is said; part of `olhar.look.messages.MESSAGES`."""
