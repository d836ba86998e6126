# A person reads a mailbox with NeoMutt while a POP3 session of ours has it open, and procmail
# and maildrop deliver into it.  All keep to the rules of Maildirs, and nobody to a lock.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest qw(deliver give_away mail_root need on_terminal run scratch_dir slurp spew stored subtest_with unprivileged);
use StoreTest qw(ask lines logged_in same_octets);

need(setpriv => 'util-linux') if $> == 0;

my $bob = 'bob@example.com';
my $text = "From: anna\@example.org\nTo: bob\@example.com\nDate: %d Nov 2026 10:00:00 +0000\nSubject: %s\n\n.one\nFrom two\n\n";
my @subjects = qw(first second third fourth fifth sixth);
my %text = map { ($subjects[$_] => sprintf $text, $_ + 1, $subjects[$_]) } 0 .. $#subjects;
my $dir = give_away(scratch_dir());

# A mailbox with these messages, come by SMTP.
sub mailbox
{
	my $root = mail_root($bob);

	deliver($root, $bob, $text{$_}) for @_;
	chmod 0711, $root =~ s{/[^/]*$}{}r;
	return give_away($root);
}

sub maildir
{
	my ($root) = @_;
	return "$root/mail/example.com/bob";
}

# As the owner of the mail root.
sub run_as_owner
{
	my ($command, %how) = @_;
	return run([unprivileged(), @$command], %how, env => { HOME => $dir, TERM => 'vt100', LC_ALL => 'C' });
}

# The names of a mailbox without what stands behind the comma, but for flags.
sub names
{
	my ($root) = @_;
	return map { m{/(new|cur)/([^,:]+)[^:]*(:2,\w*)?$} ? "$1/$2" . ($3 // '') : $_ } stored($root, $bob);
}

# What the next session has: each message with the size that LIST says, the subject first.
sub next_session
{
	my ($root) = @_;
	my $client = logged_in($root, $bob, 'secret');
	my %size = (lines($client, 'LIST'))[1] =~ /^(\d+) (\d+)\r$/mg;
	my %found;

	for my $number (keys %size) {
		my (undef, $octets) = lines($client, "RETR $number");
		my ($subject) = $octets =~ /^Subject: (.*)\r$/m;
		$found{$subject} = { size => $size{$number}, octets => $octets };
	}
	ask($client, 'QUIT');
	return \%found;
}

subtest_with { neomutt => 'neomutt', script => 'bsdutils' }, 'NeoMutt' => sub {
	my $root = mailbox(qw(first second third fourth fifth));
	my ($owner) = (stat maildir($root))[4];
	my $client = logged_in($root, $bob, 'secret');
	my (undef, $unique) = lines($client, 'UIDL');
	my @base = $unique =~ /^\d+ (\S+)\r$/mg;
	my $rc = spew("$dir/muttrc", <<"END");
set folder = "$dir"
set sleep_time = 0
set delete = yes
set quit = yes
set move = no
set wait_key = no
set header_cache = ""
push "<first-entry><display-message><exit><next-entry><delete-message><flag-message><delete-message><delete-message><sync-mailbox><quit>"
END
	my ($status, $out, $error) = run_as_owner(on_terminal("neomutt -n -F $rc -f " . maildir($root)));
	is($status, 0, 'it ends well') or diag($out, $error);
	is(join(' ', names($root)), "cur/$base[0]:2,S cur/$base[2]:2,F", 'it has moved two, set flags, and deleted the others')
		or diag($out);

	like((lines($client, 'RETR 1'))[1], qr/^Subject: first\r\n/m, 'RETR of one that was read');       ## pop3-store-c
	like((lines($client, 'RETR 3'))[1], qr/^Subject: third\r\n/m, 'of one that got a flag');          ## pop3-store-c
	like(ask($client, "RETR $_"), qr{^-ERR \[SYS/TEMP\] }, "RETR $_, which was deleted") for 2, 4, 5; ## pop3-store-d
	is((lines($client, 'UIDL'))[1], $unique, 'unique-ids stay');    ## pop3-1939-7-c
	like(ask($client, "DELE $_"), qr/^\+OK/, "DELE $_") for 1, 2;
	like(ask($client, 'QUIT'), qr/^\+OK/, 'QUIT');
	is(join(' ', names($root)), "cur/$base[2]:2,F", 'there is what nobody deleted');        ## pop3-store-c pop3-1939-6-a
	is((lines(logged_in($root, $bob, 'secret'), 'UIDL'))[1], "1 $base[2]\r\n", 'and has its unique-id');
};

# What delivers: the program, and its command line for a message on standard input.
my @deliverers = (
	[procmail => 'procmail', sub {
		my ($maildir) = @_;
		return ('procmail', '-p', '-m', spew("$dir/procmailrc", "MAILDIR=$maildir\n:0\n$maildir/\n"));
	}],
	[maildrop => 'maildrop', sub {
		my ($maildir) = @_;
		my $filter = spew("$dir/mailfilter", "to \"$maildir\"\n");
		chmod 0600, $filter;
		give_away($filter);
		return ('maildrop', $filter);
	}],
);

for (@deliverers) {
	my ($program, $package, $command) = @$_;
	subtest_with { $program => $package }, $program => sub {
		my $root = mailbox('first', 'second');
		my $client = logged_in($root, $bob, 'secret');
		ask($client, 'DELE 1');
		my %sent = (third => $text{third}, fourth => $text{fourth} =~ s/\n/\r\n/gr, fifth => "$text{fifth}no end",
			sixth => "$text{sixth}\xe4\xf6\xfc\n");
		for my $subject (sort keys %sent) {
			my ($status, $out, $error) = run_as_owner([$command->(maildir($root))], input => $sent{$subject});
			is($status, 0, "takes the $subject") or diag($out, $error);
		}
		like(ask($client, 'STAT'), qr/^\+OK 1 /, 'a session that is open does not see it');     ## pop3-store-e
		like(ask($client, 'QUIT'), qr/^\+OK/, 'QUIT');

		my %stored = map { my $octets = slurp($_); $octets =~ /^Subject: (\w+)/m ? ($1 => $octets) : () } stored($root, $bob);
		is(join(' ', sort keys %stored), 'fifth fourth second sixth third', 'the files are there');
		like(join(' ', map { m{([^/]*)$} } stored($root, $bob)), qr/^(?:[^\s,]*(?: |$)|\S*,S=)/, 'without both sizes');
		my $found = next_session($root);
		for my $subject (sort keys %stored) {
			my $wire = $stored{$subject} =~ s/\r?\n/\r\n/gr;
			$wire .= "\r\n" if $wire !~ /\n\z/;
			same_octets($found->{$subject}{octets}, $wire, "the next one has the $subject whole");  ## pop3-store-j
			is($found->{$subject}{size}, length $wire, 'and knew its size');     ## pop3-store-a
		}
		# maildrop does not count the line end that it adds: such a name is left alone
		my $unsized = $program eq 'maildrop' ? 1 : 0;
		is(scalar(grep { !m{/new/[^/,]+,S=\d+,W=\d+$} } stored($root, $bob)), $unsized, 'names carry sizes from then on');   ## pop3-store-a
		is_deeply(next_session($root), $found, 'and another one has the same');
	};
}

done_testing();
