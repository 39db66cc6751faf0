"""TEMP"""
import numpy as np
from helpers.padding import resolve_padding
def correlate2d(image,kernel,stride=1,padding="valid",dilation=1):
    s=[resolve_padding(n,k,stride,padding) for n,k in zip(image.shape,kernel.shape)]
    p=np.pad(image,s); v=np.lib.stride_tricks.sliding_window_view(p,kernel.shape)[::stride,::stride]
    return np.einsum('ijkl,kl->ij',v,kernel).astype('float32')
