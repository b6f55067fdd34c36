"""DMN 1.5: decision models read, checked, compiled, decided and explained."""
