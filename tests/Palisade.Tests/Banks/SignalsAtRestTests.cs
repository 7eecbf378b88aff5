using System.Text;
using Palisade.Banks;
using Palisade.Testing;
using static Palisade.Tests.Banks.BankFixture;

namespace Palisade.Tests.Banks;

public sealed class SignalsAtRestTests
{
    [Fact]
    public async Task No_value_of_a_signal_is_found_in_any_file_of_the_data_folder()
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite);
        SignalValue[] planted = [Pdq(1), Md5(2), Sha256(3)];
        foreach (var value in planted)
        {
            await banks.AddAsync(value);
        }

        var files = Directory.GetFiles(banks.Test.Folder).Select(ReadShared).ToList();

        // The marker itself proves that the search would find something.
        Assert.Contains(files, file => file.AsSpan().IndexOf("Test desk"u8) >= 0);
        foreach (var form in planted.SelectMany(FormsOf))
        {
            Assert.DoesNotContain(files, file => file.AsSpan().IndexOf(form) >= 0);
        }
    }

    private static IEnumerable<byte[]> FormsOf(SignalValue value)
    {
        var bytes = value.ToBytes();
        return
        [
            bytes,
            Encoding.ASCII.GetBytes(value.ToString()),
            Encoding.ASCII.GetBytes(value.ToString().ToUpperInvariant()),
            Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes).TrimEnd('=')[..^1]),
        ];
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
