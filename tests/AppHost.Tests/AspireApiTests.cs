using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Sluice.Testing;

namespace Sluice.AppHost.Tests;

/// <summary>
/// The AppHost has to compile and run against the real Aspire packages too, so what it uses of their API is written down in
/// docs/aspire-api.txt and changes only on purpose.
/// </summary>
public sealed class AspireApiTests
{
    [Fact]
    public void The_AppHost_uses_exactly_the_Aspire_API_that_is_written_down()
    {
        var file = Repository.PathOf("docs", "aspire-api.txt");
        var written = File.ReadAllLines(file).Where(line => line.Length > 0 && line[0] != '#');

        var used = UsedMembers();
        Assert.True(written.SequenceEqual(used), $"The AppHost uses this; look each line up in Aspire's API before it is written down:\n{string.Join('\n', used)}\n");
    }

    private static string[] UsedMembers()
    {
        using var image = new PEReader(File.OpenRead(AppHostProgram.Assembly));
        var metadata = image.GetMetadataReader();
        return [.. metadata.MemberReferences
            .Select(metadata.GetMemberReference)
            .Select(member => (Owner: OwnerOf(metadata, member.Parent), Name: metadata.GetString(member.Name), Parameters: CountParameters(metadata, member)))
            .Where(member => member.Owner is not null)
            .Select(member => $"{member.Owner}.{member.Name}({member.Parameters})")
            .Distinct()
            .Order(StringComparer.Ordinal)];
    }

    private static int CountParameters(MetadataReader metadata, MemberReference member)
    {
        var signature = metadata.GetBlobReader(member.Signature);
        if (signature.ReadSignatureHeader().IsGeneric)
        {
            signature.ReadCompressedInteger();
        }

        return signature.ReadCompressedInteger();
    }

    private static string? OwnerOf(MetadataReader metadata, EntityHandle parent)
    {
        if (parent.Kind == HandleKind.TypeSpecification)
        {
            // A generic instance: element type 0x15 (GENERICINST), 0x12 or 0x11, then the coded type.
            var blob = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
            if (blob.ReadByte() != 0x15)
            {
                return null;
            }

            blob.ReadByte();
            parent = blob.ReadTypeHandle();
        }

        if (parent.Kind != HandleKind.TypeReference)
        {
            return null;
        }

        var type = metadata.GetTypeReference((TypeReferenceHandle)parent);
        var space = metadata.GetString(type.Namespace);
        return space.StartsWith("Aspire.", StringComparison.Ordinal) ? $"{space}.{metadata.GetString(type.Name)}" : null;
    }
}
