"""The words of the product: sentences, lines and labels that every face prints alike."""
