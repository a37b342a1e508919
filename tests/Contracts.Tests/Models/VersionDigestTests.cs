using System.Security.Cryptography;
using System.Text;

namespace Sluice.Contracts.Tests.Models;

public sealed class VersionDigestTests
{
    private static readonly string A = VersionDigest.FromHash(SHA256.HashData("a"u8));
    private static readonly string B = VersionDigest.FromHash(SHA256.HashData("b"u8));

    [Fact]
    public void A_digest_is_the_algorithm_and_64_lower_case_hex_digits()
    {
        Assert.Equal("sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", A);
        Assert.True(VersionDigest.IsValid(A));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")]
    [InlineData("sha256:CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB")]
    [InlineData("sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48b")]
    [InlineData("sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\n")]
    [InlineData("sha256:../78112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")]
    [InlineData("sha512:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")]
    public void Anything_else_is_none(string? digest) => Assert.False(VersionDigest.IsValid(digest));

    [Fact]
    public void The_digest_of_a_version_is_that_of_what_sha256sum_prints()
    {
        // printf a > model.onnx; printf b > data/w; sha256sum data/w model.onnx | sha256sum
        var listing = $"{B["sha256:".Length..]}  data/w\n{A["sha256:".Length..]}  model.onnx\n";

        var digest = VersionDigest.Of([new ModelFile("model.onnx", A, 1), new ModelFile("data/w", B, 1)]);

        Assert.Equal(VersionDigest.FromHash(SHA256.HashData(Encoding.UTF8.GetBytes(listing))), digest);
        Assert.Equal("sha256:9c98593480069c084f160d60bb7b9b326eaacd14f39bf2d5a254496e51d76d32", digest);
    }

    [Fact]
    public void The_order_of_the_files_does_not_count_their_paths_and_contents_do()
    {
        var digest = VersionDigest.Of([new ModelFile("B", A, 1), new ModelFile("a", B, 1)]);

        Assert.Equal(digest, VersionDigest.Of([new ModelFile("a", B, 1), new ModelFile("B", A, 1)]));
        Assert.NotEqual(digest, VersionDigest.Of([new ModelFile("B", B, 1), new ModelFile("a", A, 1)]));
        Assert.NotEqual(digest, VersionDigest.Of([new ModelFile("B", A, 1), new ModelFile("c", B, 1)]));
        Assert.NotEqual(digest, VersionDigest.Of([new ModelFile("B", A, 1)]));
    }
}
