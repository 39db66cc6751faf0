"""TEMP"""
from helpers.padding import resolve_padding
def conv_output_size(size,kernel_size,stride=1,padding="valid",dilation=1):
    return (size+sum(resolve_padding(size,kernel_size,stride,padding,dilation))-dilation*(kernel_size-1)-1)//stride+1
