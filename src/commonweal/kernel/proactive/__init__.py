"""Services without an application: what register facts alone decide is granted, told, and can be declined."""
