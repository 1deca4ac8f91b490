"""The type of a section whose `kind:` selects one of a contract's kinds."""

from models.kinds import selected as selected
from models.kinds import selected_from as selected_from
