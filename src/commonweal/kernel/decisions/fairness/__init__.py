"""Whether a service decides alike about people who differ in what should not matter: figures, and flips of facts."""
