"""What each field converts, stores, refuses and asks for."""
