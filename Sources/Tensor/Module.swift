// Tensor: placeholder until its first file lands.
