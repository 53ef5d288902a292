"""What the studio's page for the lessons says, in both languages."""

from olhar.look.phrase import Phrase

COURSE: dict[str, Phrase] = {
    "studio.page.lessons": Phrase("Lessons", "Lições"),
    "studio.about.lessons": Phrase(
        "How all this works, from nothing: read, guess, run, and answer. "
        "Nothing leaves this computer.",
        "Como tudo isso funciona, do zero: leia, dê palpites, rode e responda. "
        "Nada sai deste computador.",
    ),
    "studio.job.learn": Phrase("A lesson", "Uma lição"),
    "studio.lesson.all": Phrase("All lessons", "Todas as lições"),
    "studio.lesson.next": Phrase("Next: {title}", "Próxima: {title}"),
    "studio.lesson.progress": Phrase(
        "{cells} of {all} cells · {right} of {exercises} exercises right",
        "{cells} de {all} células · {right} de {exercises} exercícios certos",
    ),
    "studio.lesson.new": Phrase("not begun", "não começada"),
    "studio.lesson.done": Phrase("done", "concluída"),
    "studio.lesson.run": Phrase("Run", "Rodar"),
    "studio.lesson.here": Phrase("Run up to here", "Rodar até aqui"),
    "studio.lesson.whole": Phrase("Run all", "Rodar tudo"),
    "studio.lesson.over": Phrase("Start over", "Recomeçar"),
    "studio.lesson.running": Phrase("Running", "Rodando"),
    "studio.lesson.beginning": Phrase("Starting Python", "Iniciando o Python"),
    "studio.lesson.ran": Phrase("Ran, and printed nothing.", "Rodou, sem imprimir nada."),
    "studio.lesson.guess": Phrase("Your guess", "Seu palpite"),
    "studio.lesson.guessed": Phrase("You guessed: {guess}", "Seu palpite: {guess}"),
    "studio.lesson.reveal": Phrase("See", "Ver"),
    "studio.lesson.line": Phrase("It stopped in line {line}.", "Parou na linha {line}."),
    "studio.lesson.broke": Phrase("It stopped.", "Parou."),
    "studio.lesson.unrun": Phrase(
        "The cells above have not all run, so what they define is not there yet.",
        "Nem todas as células acima rodaram; o que elas definem ainda não existe.",
    ),
    "studio.lesson.stopped": Phrase("Stopped.", "Parada."),
    "studio.lesson.late": Phrase(
        "Stopped after {seconds}\u00a0s: it had not come to an end by itself.",
        "Parada depois de {seconds}\u00a0s: não tinha chegado ao fim sozinha.",
    ),
    "studio.lesson.answer": Phrase("Your answers", "Suas respostas"),
    "studio.lesson.answer.help": Phrase(
        "Replace each ... with Python. Shift+Enter checks.",
        "Troque cada ... por Python. Shift+Enter confere.",
    ),
    "studio.lesson.check": Phrase("Check", "Conferir"),
    "studio.lesson.blank": Phrase("Empty it again", "Esvaziar de novo"),
    "studio.lesson.once": Phrase("right once", "já acertado"),
    "studio.lesson.reading": Phrase(
        "For reading only: this studio can be reached by others, and a lesson runs code on this "
        "computer. Started without --host, it runs them here.",
        "Só para leitura: outros alcançam este estúdio, e uma lição executa código neste "
        "computador. Aberto sem --host, ele as roda aqui.",
    ),
}
