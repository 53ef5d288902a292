"""Neural style transfer: a photograph with the brushwork and palette of paintings."""

from olhar.stylize.apply import Step, steps, stylize
from olhar.stylize.settings import Stylize

__all__ = ["Step", "Stylize", "steps", "stylize"]
