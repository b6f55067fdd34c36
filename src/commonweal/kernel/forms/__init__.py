"""Questions and answers: pages, conditions, validation, save and resume, prefill."""
