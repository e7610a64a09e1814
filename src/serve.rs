//! Wires everything; the way of one message reads here.
