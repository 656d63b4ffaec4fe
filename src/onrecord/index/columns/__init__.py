"""What a generation keeps of its articles, column by column, as memory-mapped files."""
