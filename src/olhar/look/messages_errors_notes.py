"""What a training notes about its data, in Portuguese; see `messages_errors`."""

NOTE_WORDS: dict[str, str] = {
    # What is counted: "3 pictures"
    "picture": "imagem",
    "left as they are": "ficam como estão",
    "too small": "pequenos demais",
    "turned away": "virados",
    "pictures": "imagens",
    "files": "arquivos",
    "row": "linha",
    "rows": "linhas",
    "group": "grupo",
    "groups": "grupos",
    "group, each kept in one part of the split": "grupo, mantido em uma só parte da divisão",
    "groups, each kept in one part of the split": (
        "grupos, cada um mantido em uma só parte da divisão"
    ),
    # Parts of a split
    "train": "treino",
    "validation": "validação",
    "test": "teste",
    # What a training watches
    "loss": "a perda",
    "gradient of network": "o gradiente da rede",
    # Faces
    "left profiles": "perfis esquerdos",
    "faces half left": "rostos meio à esquerda",
    "faces ahead": "rostos de frente",
    "faces half right": "rostos meio à direita",
    "right profiles": "perfis direitos",
    "faces that look up": "rostos que olham para cima",
    "faces that look down": "rostos que olham para baixo",
}

NOTES: dict[str, str] = {
    # Folders and tables
    "{pictures} beside the folders of the classes left out ({names})": (
        "de fora, por estar ao lado das pastas das classes: {pictures} ({names})"
    ),
    "folders without pictures were left out ({names})": (
        "pastas sem imagens ficaram de fora ({names})"
    ),
    "{place} was left out: {why}": "{place} ficou de fora: {why}",
    "{place} holds results of olhar and was left out": (
        "{place} guarda resultados do olhar e ficou de fora"
    ),
    "{files} other than pictures ({names})": "{files} além de imagens ({names})",
    "classes are taken from the folders in {place}": "as classes vêm das pastas em {place}",
    "{pictures} outside {parts} were left out ({names})": (
        "de fora, por não estar em {parts}: {pictures} ({names})"
    ),
    "with a single picture each: {names}": "com uma única imagem cada: {names}",
    "not in {part}: {names}": "faltam em {part}: {names}",
    "{some} of {files} {verb} missing ({names})": "não há {some} de {files} ({names})",
    "{rows} without a usable {column} left out ({names})": (
        "de fora, sem um valor útil em {column}: {rows} ({names})"
    ),
    "{column} holds a few different whole numbers, which were taken for numbers; if they stand for "
    "classes, say so with the task class": (
        "{column} tem poucos números inteiros diferentes, que foram tomados por números; se são "
        "classes, diga isso com a tarefa class"
    ),
    "{some} of {all} pictures cannot be read and were left out ({names}; the first: {why})": (
        "{some} de {all} imagens não podem ser lidas e ficaram de fora ({names}; a primeira: {why})"
    ),
    # The split
    "{pictures} pictures are nearly the same as others, in {groups}": (
        "{pictures} imagens são quase iguais a outras, em {groups}"
    ),
    "in {part}, {pictures} nearly the same as in train, so what is measured there flatters "
    "({names})": (
        "em {part}, {pictures} quase como no treino, então o que se mede ali parece melhor do que "
        "é ({names})"
    ),
    "nearly the same but of different classes: {names}; {groups} in all": (
        "quase iguais mas de classes diferentes: {names}; {groups} ao todo"
    ),
    "too few pictures to be in {part} as well: {names}": (
        "imagens de menos para estar também em {part}: {names}"
    ),
    "classes are uneven: {large} has {many} pictures, {small} has {few}": (
        "as classes são desiguais: {large} tem {many} imagens, {small} tem {few}"
    ),
    "{uneven}; --balance helps the small ones": "{uneven}; equilibrar ajuda as pequenas",
    # The training
    "the {bad} was not a finite number at step {failed}: back to step {step}, with the learning "
    "rate times {scale}": (
        "{bad} não foi um número finito no passo {failed}: de volta ao passo {step}, com a taxa de "
        "aprendizado multiplicada por {scale}"
    ),
    "the {bad} was not a finite number at step {failed}, for the {rollbacks}th time: the training "
    "stops; try a lower learning rate": (
        "{bad} não foi um número finito no passo {failed}, pela {rollbacks}ª vez: o treino para; "
        "tente uma taxa de aprendizado menor"
    ),
    "{name} is now {value}, and was {before} when the run began: the result will not be the same "
    "bit by bit": (
        "{name} agora é {value}, e era {before} quando o treino começou: o resultado não será o "
        "mesmo bit a bit"
    ),
    # Faces of two people
    "{other} has {few} faces where {one} has {many}; film {who} more, in the poses and expressions "
    "of {whose}": (
        "{other} tem {few} rostos e {one} tem {many}; filme {who} mais, nas poses e expressões de "
        "{whose}"
    ),
    "{one} has {many} {faces} and {other} {few}; as {who} they will be guesses, so film that too": (
        "{one} tem {many} {faces} e {other} {few}; como {who}, serão palpites, então filme isso "
        "também"
    ),
    "{side} holds {count} people, of whom person {number} is learned, who is seen most; olhar "
    "faces --person chooses another": (
        "{side} tem {count} pessoas, das quais se aprende a pessoa {number}, a mais vista; olhar "
        "faces --person escolhe outra"
    ),
}
"""Sentences in English to the same in Portuguese."""
