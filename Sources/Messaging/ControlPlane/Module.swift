// ControlPlane: placeholder until its first file lands.
