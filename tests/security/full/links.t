# What somebody could plant in a mail root to have it read, written, removed or waited for by
# the programs: symbolic links, hard links to files of others, FIFOs and devices in place of
# files, files in place of directories.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use POSIX qw(mkfifo);

my $bob = 'bob@example.com';
my $message = "EHLO c\r\nMAIL FROM:<a\@client.example>\r\nRCPT TO:<$bob>\r\nDATA\r\nSubject: new\r\n\r\nnew\r\n.\r\nQUIT\r\n";
my $login = "USER $bob\r\nPASS secret\r\nSTAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nTOP 1 9\r\nDELE 1\r\nRETR 2\r\nDELE 2\r\nQUIT\r\n";
my $secret = "root:top-secret:0:0\n";

# A mail root with an account, a message, and a file beside it that is nobody's business.
sub planted {
	my $root = new_root([ $bob, 'secret' ]);
	deliver($root, $bob, "Subject: first\n\nfirst\n");
	my $outside = $root =~ s{/root\z}{/outside}r;
	mkdir $outside, 0755 or die "$outside: $!\n";
	open my $file, '>', "$outside/file" or die "$outside/file: $!\n";
	print $file $secret;
	close $file;
	chmod 0644, "$outside/file";
	return ($root, $outside);
}

# What can be seen of a directory from outside: names, kinds, modes, owners, contents.
sub state_of {
	my ($outside) = @_;
	return join "\n", map { my @of = lstat $_; join ' ', $_, @of[2, 3, 4, 5, 7], -f $_ ? contents($_) : '' } sort glob "$outside/{*,.[!.]*}";
}

# All that the programs do with a mail root, each within its time.  Returns all they say.
sub everything {
	my ($root) = @_;
	my @said;
	for my $run ([ $message, 'smtp-stdio', '-p', '-d', $root ], [ $login, 'pop3-stdio', '-p', '-d', $root ], [ $message =~ s/EHLO/LHLO/r, 'smtp-stdio', '-l', '-d', $root ],
	    [ $message =~ s/RCPT/AUTH PLAIN AGJvYkBleGFtcGxlLmNvbQBzZWNyZXQ=\r\nRCPT/r, 'smtp-stdio', '-p', '-a', '-d', $root ],
	    [ '', 'mailstore', '-d', $root, 'check' ], [ '', 'mailstore', '-d', $root, 'list', $bob ], [ '', 'mailstore', '-d', $root, 'export', $bob ],
	    [ '', 'mailstore', '-d', $root, 'forward', $bob ], [ '', 'mailstore', '-d', $root, 'quota', $bob ], [ '', 'mailstore', '-d', $root, 'queue' ],
	    [ "other\n", 'mailstore', '-d', $root, 'passwd', $bob ], [ '', 'mailstore', '-d', $root, 'check', '-r' ], [ '', 'mailstore', '-d', $root, 'remove', '-f', $bob ]) {
		my ($input, $name, @arguments) = @$run;
		my ($output, $status, $errors) = eval { with_errors($input, [ program($name), @arguments ], limit => 20) };
		push @said, defined $output ? "$output$errors" : "$name @arguments[2 .. $#arguments]: does not end: $@";
	}
	return join "\n", @said;
}

sub untouched {
	my ($what, $plant) = @_;
	my ($root, $outside) = planted();
	$plant->($root, $outside) or return fail("$what: cannot be planted: $!");
	my $before = state_of($outside);
	my $said = everything($root);
	unlike($said, qr/top-secret/, "$what: nothing of it is told");
	unlike($said, qr/does not end/, "$what: and nobody waits for it") or diag $said =~ /(.*does not end.*)/;
	is(state_of($outside), $before, "$what: and it stays as it was");
}

my @files = ('mail/example.com/bob/new/1700000001.x.host', 'mail/example.com/bob/cur/1700000001.x.host:2,S', 'mail/example.com/bob/new/1700000001.x.host,S=20,W=20', 'mail/example.com/bob/pop3-lock',
	'accounts/example.com/bob/forward', 'accounts/example.com/bob/quota', 'passwords/example.com/bob', 'passwords/.secret', 'outgoing/envelope/1700000001.x.host', 'outgoing/message/1700000001.x.host',
	'mail/.incoming/1700000001.x.host', 'mail/example.com/bob/tmp/1700000001.x.host');
my @directories = ('mail/.incoming', 'mail/example.com/bob/tmp', 'mail/example.com/bob/new', 'mail/example.com/bob/cur', 'mail/example.com/bob', 'outgoing', 'outgoing/envelope', 'outgoing/message');

# Takes what is there away, and makes the directories on the way.
sub place {
	my ($root, $path) = @_;
	my $directory = "$root/$path" =~ s{/[^/]*\z}{}r;
	system('mkdir', '-p', $directory) == 0 && system('rm', '-rf', "$root/$path") == 0 or die "$path: $?\n";
	return "$root/$path";
}

for my $path (@files) {
	untouched("$path, a symbolic link to a file", sub { symlink "$_[1]/file", place($_[0], $path) });
	untouched("$path, one to a file that is not there", sub { symlink "$_[1]/new", place($_[0], $path) });
	untouched("$path, a FIFO", sub { mkfifo(place($_[0], $path), 0600) });
}
for my $path (@directories) {
	untouched("$path, a symbolic link to a directory", sub { symlink $_[1], place($_[0], $path) });
	untouched("$path, a file", sub { open my $file, '>', place($_[0], $path) });
	untouched("$path, a FIFO", sub { mkfifo(place($_[0], $path), 0600) });
}
for my $path ($> == 0 ? @files : ()) {
	my @zero = ('mknod', '-m', '600');
	untouched("$path, a device", sub { system(@zero, place($_[0], $path), 'c', 1, 5) == 0 });
}

# A hard link to a file of somebody else, in a mail root that is the service user's: the kernel
# lets nobody make one who may not write that file, so this is worse than it can be.
SKIP: {
	skip 'needs to be run by root', 1 if $> != 0;
	for my $path (@files) {
		my ($root, $outside) = planted();
		chmod 0600, "$outside/file";
		chmod 0711, $root =~ s{/root\z}{}r;
		link "$outside/file", place($root, $path) or die "$path: $!\n";
		system('chown', '-R', '-h', '23456:23456', $root) == 0 or die "chown: $?\n";
		chown 0, 0, "$outside/file";
		my $mode = (stat "$outside/file")[2];
		my $said = everything($root);
		my @of = stat "$outside/file";
		is("@of[2, 4, 5] " . contents("$outside/file"), "$mode 0 0 $secret", "$path, a hard link to a file of root's: it stays as it was");
		unlike($said, qr/top-secret|does not end/, "$path, a hard link: and nothing of it is told");
	}
}

done_testing;
