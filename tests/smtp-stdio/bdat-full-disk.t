# A disk that is full before a message in chunks is whole: the chunk for which there is no
# room is refused, its octets and those behind it are dropped, and the session goes on.
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

# As soon as the chunk is refused its room is free again: a message that needs nearly all
# of it comes through in the same session.
SKIP: {
	my @unshare = $> == 0 ? ('unshare', '-m') : ('unshare', '-Urm');
	my $place = new_root();
	mkdir $place;
	my (undef, $able) = run('', [ @unshare, 'mount', '-t', 'tmpfs', '-o', 'size=512k,mode=700', 'tmpfs', $place ]);
	if ($able ne '0') {
		fail('needs unshare (Debian package util-linux) and the right to mount') if $ENV{STRICT};
		skip('needs unshare (Debian package util-linux) and the right to mount', 1);
	}
	my $script = 'mount -t tmpfs -o size=512k,mode=700 tmpfs "$1" && "$2" -d "$1" add -n bob@example.com && "$2" -d "$1" add -n ann@example.com && "$3" -d "$1"'
	    . ' && find "$1/mail" -type f ! -name pop3-lock -exec wc -c {} + >&2';
	my $mail = "MAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\n";
	my $input = "EHLO client.example\r\n$mail" . bdat($chunk) . bdat($chunk) . bdat($chunk, 1) . "RSET\r\n"
	    . $mail . bdat($chunk) . bdat($chunk, 1) . "QUIT\r\n";
	my ($output, $status, $errors) = with_errors($input,
	    [ @unshare, '/bin/sh', '-c', $script, 'sh', $place, program('mailstore'), program('smtp-stdio') ]);
	$output =~ s/\A220 [^\n]*\n(?:250-[^\n]*\n)*250 [^\n]*\n//;
	like($output, qr/\A250 2\.1\.0 [^\n]*\n250 2\.1\.5 [^\n]*\n250 2\.0\.0 [^\n]*\n250 2\.0\.0 [^\n]*\n452 4\.3\.1 [^\n]*\n250 2\.0\.0 [^\n]*\n250 2\.1\.0 [^\n]*\n250 2\.1\.5 [^\n]*\n250 2\.0\.0 [^\n]*\n250 2\.0\.0 OK id=[^\n]*\n221 /,
	    'a full disk: 452 4.3.1, and there is room again'); ## smtp-5321-4.3.2-452
	is($status, 0, 'status 0');
	is(() = $errors =~ m{/mail/}g, 1, 'one message is there') or diag $errors; ## smtp-5321-4.2.5-b
}
done_testing;
