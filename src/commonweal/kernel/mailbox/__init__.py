"""Messages to residents: letters from templates, as pages and as accessible PDF, with proof of reading."""
