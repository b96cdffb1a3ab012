"""The components of the look, as template tags: each renders templates/components/<name>.html and escapes its data.

They are builtins (settings.TEMPLATES), so pages use them without {% load %}; /style/ shows each in every state.
"""
