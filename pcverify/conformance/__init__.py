"""Code and models, edge by edge, both ways: `conforming` compares, `command` is `pcverify conform`.

`programs` are what models describe, `mappings` say what a state of the code is to a model, `walk` finds all states of
the code, `comparing` lays both graphs beside each other, and `explaining` says where they part.
"""
