"""How fast one processor core encrypts, as measured."""

from __future__ import annotations

from itertools import pairwise

AES_GCM_B_PER_S = ((1420.0, 1.27e9), (8192.0, 2.40e9), (16384.0, 2.60e9))
"""AES-256-GCM on one core: packet [B], rate [B/s]. Measured with OpenSSL 3.0.19 on a shared EPYC vCPU with VAES."""
AES_XTS_B_PER_S = 3.39e9
"""AES-256-XTS, the cipher of drives, on one core in blocks of 16 KiB [B/s]. Measured as above."""


def aes_gcm_b_per_s(packet_b: float) -> float:
    """Return what one core encrypts, or decrypts, in packets of `packet_b` [B], above 0, in a second [B/s].

    The time of a packet is a straight line between the points of AES_GCM_B_PER_S: a cost for each packet and one for
    each byte. Beyond them the nearest line goes on: an extrapolation.

    >>> round(aes_gcm_b_per_s(16384.0) / 1e9, 2), round(aes_gcm_b_per_s(4096.0) / 1e9, 2)
    (2.6, 2.02)
    """
    if not packet_b > 0.0:
        raise ValueError(f"a packet has {packet_b:g} B; allowed: above 0")
    points = [(size_b, size_b / rate) for size_b, rate in AES_GCM_B_PER_S]
    lines = list(pairwise(points))
    (from_b, from_s), (to_b, to_s) = next((line for line in lines if packet_b <= line[1][0]), lines[-1])
    return packet_b / (from_s + (to_s - from_s) * (packet_b - from_b) / (to_b - from_b))


def cores_to_encrypt(b_per_s: float, packet_b: float) -> float:
    """Return the cores that encrypt `b_per_s` [B/s] in one direction; the other direction takes as many.

    A port of 400 Gb/s takes 19 cores at 16 KiB and 39 at 1,420 B.

    >>> round(cores_to_encrypt(50e9, 16384.0), 1), round(cores_to_encrypt(50e9, 1420.0), 1)
    (19.2, 39.4)
    """
    return b_per_s / aes_gcm_b_per_s(packet_b)
