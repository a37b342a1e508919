using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Sluice.Registry.Tokens;

/// <summary>
/// Keeps private keys unreadable in the store: AES-256-GCM under a key derived from <see cref="TokenOptions.EncryptionSecret"/>, bound to the key's name.
/// Without that setting they are kept as they are, and the store itself has to be guarded.
/// </summary>
internal sealed class KeyVault(IOptions<TokenOptions> options)
{
    private const byte Plain = 0;
    private const byte Sealed = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[]? _key = options.Value.EncryptionSecret is { Length: > 0 } secret
        ? HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: "sluice signing keys"u8.ToArray())
        : null;

    /// <summary>What is put into the store for a private key.</summary>
    public byte[] Seal(byte[] privateKey, string name)
    {
        if (_key is null)
        {
            return [Plain, .. privateKey];
        }

        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var (cipher, tag) = (new byte[privateKey.Length], new byte[TagLength]);
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(nonce, privateKey, cipher, tag, Encoding.UTF8.GetBytes(name));
        return [Sealed, .. nonce, .. tag, .. cipher];
    }

    /// <summary>The private key; null when it was sealed with another secret, or damaged.</summary>
    public byte[]? Open(ReadOnlySpan<byte> kept, string name)
    {
        if (kept is [Plain, .. var plain])
        {
            return plain.ToArray();
        }

        if (_key is null || kept is not [Sealed, .. { Length: > NonceLength + TagLength } box])
        {
            return null;
        }

        var privateKey = new byte[box.Length - NonceLength - TagLength];
        using var aes = new AesGcm(_key, TagLength);
        try
        {
            aes.Decrypt(box[..NonceLength], box[(NonceLength + TagLength)..], box.Slice(NonceLength, TagLength), privateKey, Encoding.UTF8.GetBytes(name));
            return privateKey;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
