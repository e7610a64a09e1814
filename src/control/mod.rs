//! The control protocol: what an admin can ask, over a socket of the running relay or directly on the store. One request,
//! one response, both JSON.
