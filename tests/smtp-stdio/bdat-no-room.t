# No room for a message in chunks before it is whole (a limit on the size of files): the chunk
# that does not fit is refused, its octets and those behind it are dropped, and the session
# goes on.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $chunk = ('x' x 62 . "\r\n") x 3000;

sub bdat {
	my ($octets, $last) = @_;
	return 'BDAT ' . length($octets) . ($last ? ' LAST' : '') . "\r\n$octets";
}

# The n-th of three chunks is one too many; there are commands in those that are dropped.
for my $full (1 .. 3) {
	my $root = new_root('bob@example.com');
	my $kilobytes = int(($full - 0.5) * length($chunk) / 1024);
	my $mail = "MAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\n";
	my $input = "EHLO client.example\r\n$mail" . join('', map { bdat($_ > $full ? "RSET\r\nQUIT\r\n$chunk" : $chunk, $_ == 3) } 1 .. 3);
	$input .= ($full < 3 ? "DATA\r\nRSET\r\n" : '') . $mail . bdat("small\r\n", 1) . "QUIT\r\n";
	my ($output, $status) = run($input, [ '/bin/sh', '-c', 'ulimit -f ' . 2 * $kilobytes . ' && exec "$@"', 'sh',
	    program('smtp-stdio'), '-d', $root ]);
	$output =~ s/\A220 [^\n]*\n(?:250-[^\n]*\n)*250 [^\n]*\n//;
	my @mail = ('250 2.1.0', '250 2.1.5');
	is(join('|', map { /^(\d\d\d \d\.\d+\.\d+) / ? $1 : $_ } split /\r\n/, $output), join('|', @mail, ('250 2.0.0') x ($full - 1), '452 4.3.1', ('503 5.5.1') x (3 - $full),
	    ($full < 3 ? ('503 5.5.1', '250 2.0.0') : ()), @mail, '250 2.0.0', '221 2.0.0'), "chunk $full of three does not fit"); ## smtp-5321-4.3.2-452 smtp-3030-2-b smtp-3030-2-g
	is($status, 0, 'status 0');
	my @paths = messages($root, 'bob@example.com');
	is(scalar @paths, 1, 'only the small message is there'); ## smtp-5321-4.2.5-b
	like(contents($paths[0]), qr/\nsmall\n\z/, 'whole');
	my ($left) = run('', [ 'find', "$root/mail/.incoming", '-type', 'f' ]);
	is($left, '', 'and nothing is left'); ## smtp-stdio-store-c
}
done_testing;
