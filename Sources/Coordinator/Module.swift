// Coordinator: placeholder until its first file lands.
