"""Neural style transfer: a photograph with the brushwork and palette of paintings."""

from olhar.stylize.apply import Step, Stylize, steps, stylize

__all__ = ["Step", "Stylize", "steps", "stylize"]
