"""TEMP"""
def same_padding(size, kernel_size, stride=1, dilation=1):
    out=-(-size//stride); reach=dilation*(kernel_size-1)+1
    t=max((out-1)*stride+reach-size,0); return t//2, t-t//2
def resolve_padding(size, kernel_size, stride=1, padding="valid", dilation=1):
    if padding=="valid": return 0,0
    if padding=="same": return same_padding(size,kernel_size,stride,dilation)
    return (padding,padding) if isinstance(padding,int) else padding
